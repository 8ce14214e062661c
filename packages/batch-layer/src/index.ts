// ingest: the log into the master dataset
export { createIngest, type Ingest, type IngestOptions } from "./ingest/create-ingest.js";
export { SegmentConflictError } from "./ingest/segment-conflict-error.js";
export { deadLetterKey, deadLetterValue, type DeadLetterLine } from "./ingest/dead-letter-line.js";
// the master dataset
export { completenessOf, type Completeness, type DateCompleteness } from "./master-dataset/completeness.js";
export { TopicDataset, type MasterFile, type UnreadSegment } from "./master-dataset/topic-dataset.js";
export { streamFingerprint } from "./ingest/stream-fingerprint.js";
export { CutOffGridError } from "./master-dataset/cut-off-grid-error.js";
// erasing records
export { createEraser, type ErasedTopic, type EraseReport, type EraseRequest, type Eraser, type EraserOptions, type ErasureRemains } from "./erase/create-eraser.js";
export { ErasureNotAppliedError, RunAtWorkError } from "./erase/erase-errors.js";
export type { EraseWhere } from "./erase/erase-where.js";
export type { TopicRemains } from "./erase/erasure-remains.js";
export type { PrunedErased } from "./erase/prune-erased.js";
// runs and generations
export { createBatch, type Batch, type BatchOptions, type RunSettings, type Unchanged } from "./run/create-batch.js";
export type { RunPlan, TablePlan } from "./run/run-plan.js";
export type { Pruned, PruneOptions } from "./run/prune.js";
export {
  CheckFailedError,
  CutNotReachedError,
  DriftError,
  PublicationLostError,
  RollbackNotCoveredError,
  RunOptionError,
  StreamChangedError,
} from "./run/run-errors.js";
export { modelOrder } from "./models/model-order.js";
export { ModelColumnsError } from "./models/model-columns-error.js";
// sinks: files for rows that leave
export { ndjsonFileSink, type NdjsonFileSinkOptions } from "./sinks/ndjson-file-sink.js";
export { parquetFileSink, type ParquetFileSinkOptions } from "./sinks/parquet-file-sink.js";
