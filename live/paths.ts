/** Where the objects of Rampart are in the API. */
const group = "/apis/rampart.dev/v1alpha1";

export const rolloutsPath = `${group}/rollouts`;
export const plansPath = `${group}/rolloutplans`;
export const rolloutPath = (namespace: string): string => `${group}/namespaces/${namespace}/rollouts/rollout`;
export const planPath = (namespace: string): string => `${group}/namespaces/${namespace}/rolloutplans/plan`;

/** Of any namespaced object, by what a drain action says of it. */
export function objectPath(apiVersion: string, plural: string, namespace: string, name: string): string {
  const prefix = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return `${prefix}/namespaces/${namespace}/${plural}/${name}`;
}
