import type { SystemName } from "../plan/systems.ts";

/** What a system's pods call the things that every system has, and those that only some have. */
export interface Source {
  readonly requests: string;
  readonly errors: string;
  /** A histogram, in seconds. */
  readonly duration: string;
  /** In bytes, per pod. */
  readonly memory: string;
  readonly memoryLimit: string;
  readonly byzantineAttempts?: string;
  readonly byzantineSuccesses?: string;
  /** Openings of the circuit breakers around the system; they may be counted by the system that calls it. */
  readonly breakerTrips?: { readonly series: string; readonly countedBy: SystemName };
}

const http: Source = {
  requests: "http_requests_total",
  errors: 'http_requests_total{code=~"5.."}',
  duration: "http_request_duration_seconds",
  memory: "process_resident_memory_bytes",
  memoryLimit: "process_memory_limit_bytes",
};

const consensus = {
  byzantineAttempts: "consensus_byzantine_attempts_total",
  byzantineSuccesses: "consensus_byzantine_successful_total",
};

/** The manager calls the others of the family through one breaker for each kind. */
const breaker = (kind: string): Pick<Source, "breakerTrips"> => ({
  breakerTrips: { series: `dwcp_manager_circuit_breaker_trips_total{breaker="${kind}"}`, countedBy: "dwcp-manager" },
});

export const sources: Readonly<Record<SystemName, Source>> = {
  wdbx: {
    ...http,
    requests: "wdbx_operations_total",
    errors: "wdbx_errors_total",
    duration: "wdbx_operation_duration_seconds",
    memory: "wdbx_memory_bytes",
    memoryLimit: "wdbx_memory_limit_bytes",
  },
  "dwcp-manager": {
    ...http,
    requests: "dwcp_manager_requests_total",
    errors: "dwcp_manager_request_errors_total",
    duration: "dwcp_manager_request_duration_seconds",
    ...consensus,
    breakerTrips: { series: "dwcp_manager_circuit_breaker_trips_total", countedBy: "dwcp-manager" },
  },
  "dwcp-compression": {
    ...http,
    requests: "compression_selector_requests_total",
    errors: "compression_selector_request_errors_total",
    duration: "compression_selector_request_duration_seconds",
    ...breaker("compression"),
  },
  "dwcp-probft": {
    ...http,
    requests: "probft_requests_total",
    errors: "probft_request_errors_total",
    ...consensus,
    ...breaker("consensus"),
  },
  "dwcp-bullshark": { ...http, ...consensus, ...breaker("consensus") },
  "dwcp-tpbft": {
    ...http,
    requests: "tpbft_requests_total",
    errors: "tpbft_request_errors_total",
    ...consensus,
    ...breaker("consensus"),
  },
  "dwcp-maddpg": { ...http, ...breaker("allocation") },
  "batch-patches": {
    ...http,
    requests: "batch_patches_requests_total",
    errors: "batch_patches_errors_total",
    duration: "batch_patches_duration_seconds",
  },
  "distributed-postgres": {
    ...http,
    requests: "dpg_requests_total",
    errors: "dpg_errors_total",
    duration: "dpg_request_duration_seconds",
  },
  "dwcp-v3": {
    ...http,
    requests: "dwcp_v3_requests_total",
    errors: "dwcp_v3_errors_total",
    duration: "dwcp_v3_latency_seconds",
    byzantineAttempts: "dwcp_v3_byzantine_attempts_total",
    byzantineSuccesses: "dwcp_v3_byzantine_successful_total",
  },
};
