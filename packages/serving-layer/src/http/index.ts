// The serving layer over HTTP.
export { createHttpServer, type HttpServer } from "./create-http-server.js";
export type { HttpServerOptions } from "./server-options.js";
export type { DeadLetterEntry, GenerationSummary, LambdaDescription, ReadyCheck, Served } from "./served.js";
export type { WorkerState } from "./worker-gauges.js";
export { HttpError, type HttpErrorCode } from "./http-error.js";
export { ListenError } from "./listen-error.js";
export type { ProblemDocument } from "./problem-document.js";
