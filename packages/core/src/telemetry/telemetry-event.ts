/**
 * The catalogue of what Millrace says about itself. Code emits events; one subscriber turns them into log lines, another
 * into metrics. Nothing is emitted per record. Times are epoch ms, durations ms.
 */
export type TelemetryEvent =
  // speed layer
  | { readonly type: "WorkerStarted"; readonly topic: string; readonly partition: number; readonly position: number; readonly reason: string }
  | { readonly type: "WorkerGap"; readonly topic: string; readonly partition: number; readonly from: number; readonly until: number | null; readonly reason: string }
  /** What this process owns of the partitions that a group shares, `topic-partition` each. */
  | { readonly type: "PartitionsShared"; readonly group: string; readonly owned: readonly string[] }
  | { readonly type: "Flushed"; readonly topic: string; readonly partition: number; readonly until: number; readonly records: number; readonly events: number; readonly late: number; readonly deadLetters: number; readonly rows: number; readonly durationMs: number }
  | { readonly type: "SegmentSealed"; readonly topic: string; readonly partition: number; readonly segment: string; readonly until: number; readonly records: number }
  | { readonly type: "SinkBatchWritten"; readonly sink: string; readonly id: string; readonly rows: number; readonly durationMs: number }
  // batch layer
  | { readonly type: "ManifestCommitted"; readonly topic: string; readonly partition: number; readonly segment: string; readonly until: number; readonly sealedBy: "grid" | "quiet"; readonly records: number; readonly events: number; readonly deadLetters: number; readonly files: number; readonly bytes: number; readonly durationMs: number }
  | { readonly type: "RunStarted"; readonly parent: number | null; readonly kind: "incremental" | "full" | "rollback" }
  | { readonly type: "RunStep"; readonly step: string; readonly done: number; readonly total: number }
  | { readonly type: "GenerationPublished"; readonly number: number; readonly kind: "incremental" | "full" | "rollback"; readonly dates: number; readonly rows: number; readonly durationMs: number; readonly drift: "none" | "not-comparable" }
  | { readonly type: "RunFailed"; readonly error: unknown }
  // everywhere
  | { readonly type: "DeadLettersFound"; readonly topic: string; readonly partition: number; readonly count: number; readonly firstOffset: number; readonly reason: string }
  | { readonly type: "RetryScheduled"; readonly operation: string; readonly attempt: number; readonly delayMs: number; readonly error: unknown }
  | { readonly type: "Warning"; readonly code: string; readonly message: string };

/** Takes events; must not throw. */
export type Telemetry = (event: TelemetryEvent) => void;

/** Telemetry that nobody listens to. */
export const silent: Telemetry = () => {};
