/** Where the objects of Rampart are in the API. */
const group = "/apis/rampart.dev/v1alpha1";

export const rolloutsPath = `${group}/rollouts`;
export const plansPath = `${group}/rolloutplans`;
export const rolloutPath = (namespace: string): string => `${group}/namespaces/${namespace}/rollouts/rollout`;
export const planPath = (namespace: string): string => `${group}/namespaces/${namespace}/rolloutplans/plan`;

/** All objects of a kind in a namespace; a new one is posted there too. */
export function listPath(apiVersion: string, plural: string, namespace: string): string {
  const prefix = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return `${prefix}/namespaces/${namespace}/${plural}`;
}

/** Of any namespaced object, by what a drain action says of it. */
export const objectPath = (apiVersion: string, plural: string, namespace: string, name: string): string =>
  `${listPath(apiVersion, plural, namespace)}/${name}`;
