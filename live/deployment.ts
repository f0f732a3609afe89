/** A Deployment as far as it says what runs. */
export interface Deployment {
  readonly metadata: { readonly generation: number };
  readonly spec: {
    readonly replicas: number;
    readonly template: { readonly spec: { readonly containers: readonly { name: string; image: string }[] } };
  };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly updatedReplicas?: number;
    readonly readyReplicas?: number;
  };
}

/** Whether all its pods are there, ready, and of this image. */
export function runsEverywhere({ metadata, spec, status }: Deployment, image: string): boolean {
  const app = spec.template.spec.containers.find(({ name }) => name === "app");
  const replicas = [status?.replicas, status?.updatedReplicas, status?.readyReplicas];
  return (
    app?.image === image &&
    status?.observedGeneration === metadata.generation &&
    replicas.every((count) => count === spec.replicas)
  );
}
