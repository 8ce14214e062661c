/**
 * Runs `attempt` until it succeeds, its error cannot be retried, or the attempts are used up; then rejects with the last
 * error. `operation` says what is being done, for telemetry.
 */
export type Retry = <T>(operation: string, attempt: (signal: AbortSignal) => Promise<T>, signal: AbortSignal) => Promise<T>;
