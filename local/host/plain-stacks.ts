import util from "node:util";

/**
 * The SDK prints a program's error in colours. Node looks for package names in each line to colour them and never ends in a
 * line such as `node_modules/@pulumi/resource.ts`, which the SDK's source maps produce: half a minute and 500 MB later it
 * gives up. Without colours the same error is there at once.
 */
const inspect = util.inspect;
const plain = (value: unknown, options?: unknown, ...rest: unknown[]) => {
  const coloured = typeof options === "object" && options !== null && value instanceof Error;
  return Reflect.apply(inspect, util, [value, coloured ? { ...options, colors: false } : options, ...rest]);
};
util.inspect = Object.assign(plain, inspect);
