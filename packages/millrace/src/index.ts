// The front door: one import for everything that a pipeline declares and runs.
export * from "@millrace/core";
// one lambda
export { createLambda } from "./lambda/create-lambda.js";
export type { LambdaDefinition } from "./lambda/lambda-definition.js";
export type { BatchCommands, EraseCommands, JobOptions, Lambda, RunOptions } from "./lambda/lambda.js";
export type { Description } from "./lambda/describe.js";
export type { LambdaServer, ServeOptions } from "./serve/serve-lambda.js";
// the embedded platform
export { embedded, type EmbeddedOptions, type EmbeddedPlatform } from "./embedded/embedded.js";
export { drivenClock, type DrivenClock } from "./embedded/driven-clock.js";
export { readSharedClock, writeSharedClock } from "./embedded/shared-clock-file.js";
// layers, for pipelines of one's own
export * from "@millrace/speed-layer";
export { ndjsonFileSink, parquetFileSink } from "@millrace/batch-layer";
export { defineDashboard, UnservableError, QueryError } from "@millrace/serving-layer";
export type { Answer, Dashboard, Envelope, Panel, Queries, Query } from "@millrace/serving-layer";
// for programs with a terminal
export { describeError } from "./cli/report-error.js";
export { printTelemetry } from "./cli/print-telemetry.js";
export { stopSignal } from "./cli/stop-signal.js";
