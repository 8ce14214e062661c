// the layer
export { createSpeedLayer, type SpeedLayerOptions } from "./create-speed-layer.js";
export type { SpeedLayer, SpeedLayerStatus } from "./speed-layer.js";
export type { PartitionStatus } from "./worker/partition-status.js";
export type { OutputStatus } from "./outputs/output-worker.js";
export { outputPositionPath, type OutputPosition } from "./outputs/output-position.js";
// reading a stream, without the rest
export { consume, type ConsumeOptions } from "./consume/consume.js";
export { consumeAll } from "./consume/consume-all.js";
export { progressOf, type Progress } from "./consume/progress.js";
// operators
export { deadLetterTo } from "./operators/dead-letter-to.js";
export { deadLetterTopic } from "./operators/dead-letter-topic.js";
export { attempt, type AttemptOptions, type FailedRow } from "./operators/attempt.js";
export { dedupe, type DedupeOptions } from "./operators/dedupe/dedupe.js";
export { discard } from "./operators/discard.js";
export { filterRows } from "./operators/filter-rows.js";
export type { Forked } from "./operators/forked.js";
export { forkTo } from "./operators/fork-to.js";
export { foldViews, type FoldViewsOptions } from "./operators/fold-views.js";
export { join, type JoinOptions } from "./operators/join.js";
export { changelogTable, type ChangelogTable, type ChangelogTableOptions } from "./operators/tables/changelog-table.js";
export { lookupTable, type LookupTableOptions } from "./operators/tables/lookup-table.js";
export type { JoinTable } from "./operators/tables/join-table.js";
export { rateLimit, type RateLimitOptions } from "./operators/rate-limit.js";
export { mapRows } from "./operators/map-rows.js";
export { slowestOf } from "./operators/slowest-of.js";
export { writeTo } from "./operators/write-to.js";
export type { ColumnarBatch } from "./operators/columnar-batch.js";
export type { Timers } from "./operators/timers.js";
export { hopping, type HoppingOptions } from "./operators/windows/hopping.js";
export { session, type SessionOptions } from "./operators/windows/session.js";
export { tumbling, type TumblingOptions } from "./operators/windows/tumbling.js";
export type { LateEvent } from "./operators/windows/late-event.js";
export type { WindowOptions } from "./operators/windows/window-options.js";
export type { WindowRow } from "./operators/windows/window-row.js";
export type { CallOptions } from "./delivery/retry-call.js";
export type { DeliveryOptions } from "./delivery/delivery-options.js";
// errors
export { AlreadyRunningError } from "./already-running-error.js";
export { BatchSourceError } from "./consume/batch-source-error.js";
export { CallFailedError } from "./delivery/call-failed-error.js";
export { MissingKeyError } from "./operators/tables/missing-key-error.js";
export { TableFullError } from "./operators/tables/table-full-error.js";
export { SpeedGapError } from "./worker/speed-gap-error.js";
export { SpeedLayerStoppedError } from "./speed-layer-stopped-error.js";
export { WindowStateError } from "./operators/windows/window-state-error.js";
export { StaleLogVersionError } from "./worker/stale-log-version-error.js";
