/** Where the worker of one partition stands. */
export interface PartitionStatus {
  readonly topic: string;
  readonly partition: number;
  readonly logVersion: number;
  /** `starting`: looking for its start position; `gap`: waiting for the batch layer. */
  readonly state: "starting" | "running" | "gap";
  /** First offset not folded yet. */
  readonly position: number;
  /** Every view's rows are durable for the records below. */
  readonly durableUntil: number;
  /** The partition's end, as of the last read. */
  readonly end: number;
  /** Records read and not durable. */
  readonly inFlight: number;
  /** Largest event time of what is durable, epoch ms; null before there is one. */
  readonly maxEventTime: number | null;
  /** Name of the open segment: its first offset. */
  readonly segment: string | null;
  readonly gap: { readonly from: number; readonly until: number | null; readonly reason: string } | null;
  /** Since the worker started, records of repeated readings counted again. */
  readonly records: number;
  readonly events: number;
  readonly late: number;
  readonly deadLetters: number;
  readonly rowsWritten: number;
  readonly flushes: number;
}
