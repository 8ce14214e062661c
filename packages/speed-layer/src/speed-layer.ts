import type { OutputStatus } from "./outputs/output-worker.js";
import type { PartitionStatus } from "./worker/partition-status.js";

/** What the speed layer is doing, as of now. */
export interface SpeedLayerStatus {
  readonly running: boolean;
  /** One entry a topic and partition that is read for views. */
  readonly partitions: readonly PartitionStatus[];
  /** One entry an output and partition. */
  readonly outputs: readonly OutputStatus[];
}

/** Keeps views fresh to the second, and delivers what leaves Millrace. */
export interface SpeedLayer {
  /**
   * Works until `signal` is aborted, then resolves. Rejects with what cannot be overcome: a failed write after its
   * retries, a topic or a grid that does not fit. A partition in a gap is no failure: it waits for the batch layer.
   *
   * May run again after it ended; not twice at once.
   */
  run(signal: AbortSignal): Promise<void>;
  /**
   * Resolves once every view is durable up to the end that each partition has as of this call. Meanwhile flushes do not
   * wait for more. Waits for `run` to be called.
   *
   * @throws {SpeedGapError} when a partition is in a gap: it catches up only after the batch layer published.
   */
  caughtUp(signal: AbortSignal): Promise<void>;
  /** What each worker is at now, without asking anybody. */
  status(): SpeedLayerStatus;
}
