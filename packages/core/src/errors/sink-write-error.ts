import { MillraceError } from "./millrace-error.js";

/**
 * A sink could not make a batch durable, or not all of it. For sinks of one's own: only a `retryable` one is repeated, the
 * whole batch under the same id; any other stops the delivery, since it would fail again.
 *
 * @example
 * throw new SinkWriteError("webhook", batch, "the endpoint answered 503", { retryable: true });
 */
export class SinkWriteError extends MillraceError {
  readonly code = "SINK_WRITE";
  readonly retryable: boolean;
  readonly sink: string;
  readonly batchId: string;

  /** `why` completes the sentence `writing batch "..." to sink "...": ...`. */
  constructor(sink: string, batch: { readonly id: string }, why: string, info: { readonly retryable: boolean; readonly cause?: unknown; readonly advice?: string }) {
    super(`writing batch "${batch.id}" to sink "${sink}": ${why}`, info);
    this.sink = sink;
    this.batchId = batch.id;
    this.retryable = info.retryable;
  }
}
