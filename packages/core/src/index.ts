// errors
export { MillraceError } from "./errors/millrace-error.js";
export { ClosedError } from "./errors/closed-error.js";
export { FileSystemError } from "./errors/file-system-error.js";
export { InvalidRecordError } from "./errors/invalid-record-error.js";
export { InvalidTopicError } from "./errors/invalid-topic-error.js";
export { LogTrimmedError } from "./errors/log-trimmed-error.js";
export { MissingDriverError } from "./errors/missing-driver-error.js";
export { OffsetBeyondEndError } from "./errors/offset-beyond-end-error.js";
export { RoleTakenError } from "./errors/role-taken-error.js";
export { SinkWriteError } from "./errors/sink-write-error.js";
export { StorageError } from "./errors/storage-error.js";
export { StorageFullError } from "./errors/storage-full-error.js";
export { UnavailableError } from "./errors/unavailable-error.js";
export { UnknownTopicError } from "./errors/unknown-topic-error.js";
export { FileNotFoundError } from "./errors/file-not-found-error.js";
export { SqlError } from "./errors/sql-error.js";
export { UnreadableFileError } from "./errors/unreadable-file-error.js";
// the log: positions, records, the segment grid, cuts and the chain
export { FIRST_LOG_VERSION, OFFSET_LIMIT, partitionName, writeTimestamp, type LogPartition } from "./log/position.js";
export { sliceRawBatch, withoutOffsets, type NewRecord, type RawBatch } from "./log/raw-batch.js";
export { rawBatchOf, type LogRecord } from "./log/raw-batch-of.js";
export { keyHashPartitioner, type Partitioner } from "./log/partitioner.js";
export { DEFAULT_GRID, SINK_GRID, nextBoundary, opensSegment, type Grid, type OpenSegment } from "./log/grid.js";
export { parseSegmentName, segmentName, type SegmentId } from "./log/segment.js";
export { EMPTY_CUT, cutOf, type Cut, type CutPosition } from "./log/cut.js";
export { samePartition, walkChain, type Chain, type ChainLink } from "./log/chain.js";
// declarations: what a user writes
export { ConfigurationError, type Problem } from "./configuration/configuration-error.js";
export { Problems } from "./configuration/problems.js";
export { fingerprintOf } from "./configuration/fingerprint.js";
export { checkIdentifier, describe, unknownName } from "./configuration/names.js";
export type { carried, Show } from "./streams/carried-type.js";
export { boolean, decimal, float64, int64, text, timestamp, type ColumnType, type Numeric, type TextType, type TimestampType } from "./streams/column-type.js";
export type { Columns, Row, Stream } from "./streams/stream.js";
export { defineStream, type StreamDeclaration } from "./streams/define-stream.js";
export { presentValue } from "./streams/present-value.js";
export { scaledFromText, textFromScaled } from "./streams/decimal-text.js";
export type { Column, OptionalColumn, Refs } from "./expressions/column.js";
export type { Predicate } from "./expressions/predicate.js";
export { convertLiteral } from "./expressions/convert-literal.js";
export { compilePredicate, type BatchPredicate } from "./expressions/compile-predicate.js";
export { commonSql, type SqlSpelling } from "./expressions/common-sql.js";
export { printPredicate, type PredicatePrinter } from "./expressions/print-predicate.js";
export { deliver, type Output } from "./streams/deliver.js";
export type { RecordDecoder } from "./streams/record-decoder.js";
export { streamIdentity } from "./streams/stream-identity.js";
export { defineEventTable, type EventTableDeclaration } from "./models/define-event-table.js";
export { defineModel, type ModelDeclaration } from "./models/define-model.js";
export type { ModelSource, ModelTable } from "./models/model-table.js";
export type { Model } from "./models/model.js";
export { sql, type Sql, type SqlPart } from "./models/sql.js";
export type { Dialect } from "./models/dialect.js";
export { EVENT_COLUMNS, type EventColumns } from "./models/event-columns.js";
export { defineQuestion, type ModelQuestionDeclaration, type QuestionDeclaration, type ViewQuestionDeclaration } from "./questions/define-question.js";
export type { AnsweredBy, AskedWindows, QuestionDefinition, ResolvedParameters } from "./questions/question-definition.js";
export type { AnyQuestion, AskedRow, AskParameters, AskRange, Question } from "./questions/question.js";
export { parameter, type Parameter, type ParameterDefinition, type Parameters, type ParameterValues } from "./questions/parameter.js";
export type { Asked } from "./questions/asked.js";
export { compareText } from "./streams/compare-text.js";
export type { Measure } from "./measures/measure.js";
export { count } from "./measures/count.js";
export { sum } from "./measures/sum.js";
export { max, min } from "./measures/extremes.js";
export { avg } from "./measures/avg.js";
export { ratio } from "./measures/ratio.js";
export { countDistinct } from "./measures/count-distinct.js";
export { quantile } from "./measures/quantile.js";
export { defineMeasure, type MeasureDeclaration } from "./measures/define-measure.js";
export { defineSqlMeasure, type CellTotals, type ExactKind, type ExactValue, type SqlMeasureCell, type SqlMeasureDeclaration } from "./measures/define-sql-measure.js";
export { cellSql } from "./measures/cell-sql.js";
export { OverflowError } from "./measures/overflow-error.js";
export { PrecisionError } from "./measures/precision-error.js";
export { INT64_MAX, INT64_MIN, normalInt64 } from "./measures/int64.js";
export { HLL_RANK_BITS, HLL_REGISTERS, estimateDistinct, hllCoordinateOf, hllCoordinateOfInteger, hllCoordinateOfText } from "./measures/hyper-log-log.js";
export { DD_GAMMA, DD_RELATIVE_ACCURACY, ddCoordinate, ddValue, quantileOf } from "./measures/dd-sketch.js";
export { decodeSketch, emptySketch, encodeSketch, mergeSketch, sketchEntries, type SketchCombine, type SketchEntry } from "./measures/sketch.js";
export { CorruptSketchError } from "./measures/corrupt-sketch-error.js";
export { addInt64, mergeCell, zeroOf, type MergeableCell } from "./measures/merge-cells.js";
export { PartialMerger, type MergeOptions } from "./views/merge-partials.js";
export type { AnyView, View } from "./views/view.js";
export { defineView, LAYOUT_VERSION, type ViewDeclaration } from "./views/define-view.js";
// time zones
export { calendarBoundaries } from "./time-zones/calendar-boundaries.js";
export type { CoarserThan, Granularity } from "./time-zones/granularity.js";
export { offsetSpans, type OffsetSpan } from "./time-zones/offset-spans.js";
export { UnknownZoneError } from "./time-zones/unknown-zone-error.js";
export { ZoneOffsetError } from "./time-zones/zone-offset-error.js";
// streams, expressions, measures, views, models: resolved definitions
export type { ColumnDefinition, ColumnSource, Kind } from "./streams/column-definition.js";
export type { StreamDefinition } from "./streams/stream-definition.js";
export { planStreams, type StreamPlan } from "./streams/stream-plan.js";
export type { Literal, PredicateNode } from "./expressions/predicate-node.js";
export type { CellDefinition, CellType, CellValue, Combine } from "./measures/cell.js";
export { coordinateName } from "./measures/coordinate-name.js";
export type { ComputedInput, ComputedValue } from "./measures/computed-input.js";
export type { CellInput, CoordinateDefinition, CustomMeasureDefinition, MeasureCell, MeasureDefinition } from "./measures/measure-definition.js";
export type { PresentedPart, Presentation } from "./measures/presentation.js";
export { EVERY_MS, type Every, type ViewDefinition } from "./views/view-definition.js";
export type { DimensionValue, PartialBatch, SegmentPartials } from "./views/partial-batch.js";
export type { ModelDefinition, ModelInput } from "./models/model-definition.js";
export { modelTopics } from "./models/model-topics.js";
// events
export type { ColumnVector } from "./events/column-vector.js";
export type { DeadLetter, DeadLetterReason } from "./events/dead-letter.js";
export type { ColumnBatch, EventBatch, EventDecoder } from "./events/event-batch.js";
export { decodeBatch } from "./events/decode-batch.js";
export { createEventDecoder, type EventDecoderOptions } from "./events/event-decoder.js";
export { CoordinateColumn } from "./events/coordinate-column.js";
export { DecodedBatch, valueAt } from "./events/decoded-batch.js";
export type { TextDictionary } from "./events/text-dictionary.js";
export { ViewFold, type MarkedRows, type VersionedPartials } from "./fold/view-fold.js";
// delivery
export { Credits } from "./delivery/credits.js";
export { retrying, type Retry, type RetryPolicy } from "./delivery/retrying.js";
export { onAbort } from "./delivery/on-abort.js";
export { orAborted } from "./delivery/or-aborted.js";
export { whileOpen, type Closable } from "./delivery/while-open.js";
// clocks
export { simulatedClock, type SimulatedClock } from "./clock/simulated-clock.js";
export { systemClock } from "./clock/system-clock.js";
// file paths
export { TEMPORARY_PREFIX, checkFilePath } from "./files/file-path.js";
export { readJsonFile } from "./files/read-json-file.js";
// ports
export type { Clock } from "./ports/clock.js";
export type { Appended, EventLog, PartitionDescription, ReadRequest, TopicDescription } from "./ports/event-log.js";
export type { FileInfo, FileSystem, FileWriter } from "./ports/file-system.js";
export type { Platform } from "./ports/platform.js";
export type { Role, RoleLock } from "./ports/role-lock.js";
export type { Sink, SinkBatch } from "./ports/sink.js";
export type { SqlDialect } from "./ports/sql-dialect.js";
export { collectRows } from "./ports/collect-rows.js";
export type { SqlColumn, SqlEngine, SqlResult, SqlValue, WrittenFiles } from "./ports/sql-engine.js";
export type { Heartbeat, ProgressRow, ReadPartials, StoredDimension, StoredView, StoreSchema, ViewStore } from "./ports/view-store.js";
export type { CatalogTable, TableCatalog } from "./ports/table-catalog.js";
export type { MergedViewsServer } from "./ports/merged-views-server.js";
export type { JoinRequest, TopicPartition, WorkerGroup } from "./ports/worker-group.js";
// what the layers tell each other through files
export type { Manifest, ManifestChecksum, ManifestFile } from "./master-dataset/manifest.js";
export {
  deadLetterFilePath,
  erasurePath,
  erasuresFolder,
  gridRecordPath,
  manifestFolder,
  manifestPath,
  quietRecordPath,
  readingPath,
  readingsFolder,
  segmentEndPath,
  segmentFilePath,
} from "./master-dataset/manifest-path.js";
export { erasedOffsets, readErasures, recordErasure, type ErasedRecords, type Erasure } from "./master-dataset/erasure.js";
export { encodeManifest, parseManifest } from "./master-dataset/manifest-json.js";
export { ManifestCatalog } from "./master-dataset/manifest-catalog.js";
export { MissingManifestError } from "./master-dataset/missing-manifest-error.js";
export { claimGridRecord, readGridRecord, type GridClaim, type GridRecord } from "./master-dataset/grid-record.js";
export { GridMismatchError } from "./master-dataset/grid-mismatch-error.js";
export { topicGrid } from "./master-dataset/topic-grid.js";
export { UnsuitableTopicError } from "./master-dataset/unsuitable-topic-error.js";
export { readQuietRecord, writeQuietRecord, type QuietRecord } from "./master-dataset/quiet-record.js";
export type { DriftRow, Generation, TableGeneration, TableVersion, ViewDrift } from "./generations/generation.js";
export { CURRENT_PATH, GENERATIONS_FOLDER, generationPath, tableVersionFolder } from "./generations/generation-path.js";
export { findGeneration, listGenerationNumbers, listGenerations, readCurrent, readCurrentNumber, readGeneration } from "./generations/generation-store.js";
export { generationLine } from "./generations/generation-line.js";
export { erasesAsMuch, ServedGenerations, tableIn, type TableOf } from "./generations/served-generations.js";
export { describeProgress, readRunProgress, runProgressPath, writeRunProgress, type RunProgress } from "./generations/run-progress.js";
// telemetry
export { silent, type Telemetry, type TelemetryEvent } from "./telemetry/telemetry-event.js";
export { traceTo, type EndableSpan, type SpanTracer } from "./telemetry/trace-to.js";
