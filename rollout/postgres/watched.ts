/** Where each member tells Prometheus how it is. */
export const metricsPort = 9187;
