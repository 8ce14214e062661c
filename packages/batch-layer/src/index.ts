// ingest: the log into the master dataset
export { createIngest, type Ingest, type IngestOptions } from "./ingest/create-ingest.js";
export { deadLetterKey, deadLetterValue, type DeadLetterLine } from "./ingest/dead-letter-line.js";
export { SegmentConflictError } from "./ingest/segment-conflict-error.js";
