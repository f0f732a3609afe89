const factors: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** A Kubernetes quantity as a number: `500m` is 0.5, `16Gi` is 17,179,869,184. */
export function parseQuantity(text: string): number {
  const match = /^(\d+(?:\.\d+)?)([a-zA-Z]{0,2})$/.exec(text);
  const factor = match && Object.hasOwn(factors, match[2]!) ? factors[match[2]!] : undefined;
  if (!match || factor === undefined) {
    throw new RangeError(`${JSON.stringify(text)} is not a quantity; write it like 500m, 8 or 16Gi`);
  }
  return Number(match[1]) * factor;
}
