/** What keeps anyone from seeing or changing the cluster, in a sentence that says how to mend it. */
export class LiveError extends Error {
  readonly status: number | undefined;

  constructor(message: string, status?: number, options?: ErrorOptions) {
    super(message, options);
    this.name = "LiveError";
    this.status = status;
  }
}
