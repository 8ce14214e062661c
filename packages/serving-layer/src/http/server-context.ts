import type { FastifyReply } from "fastify";
import type { AnswerCache } from "./answer-cache.js";
import type { HttpMetrics } from "./http-metrics.js";
import type { OpenWatches } from "./open-watches.js";
import type { ResolvedHttpOptions } from "./server-options.js";
import type { Served } from "./served.js";

/** What every route works with. */
export interface ServerContext {
  readonly served: Served;
  readonly options: ResolvedHttpOptions;
  readonly cache: AnswerCache;
  readonly metrics: HttpMetrics;
  readonly watches: OpenWatches;
  /** Aborts when the server begins to close: watches end. */
  readonly closing: AbortSignal;
  /** Counts an error, and tells whoever looks after the server when it is its fault. */
  readonly tell: (error: unknown) => void;
  /** Runs a job for a reply within the server's deadline. */
  readonly within: <T>(reply: FastifyReply, job: (signal: AbortSignal) => Promise<T>) => Promise<T>;
}
