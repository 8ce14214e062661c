/** Where time comes from. Only adapters read the machine's clock. */
export interface Clock {
  /** Epoch ms. */
  now(): number;
  /** Resolves once `ms` of this clock have passed; rejects with the signal's reason when aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}
