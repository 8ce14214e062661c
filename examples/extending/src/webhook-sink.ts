import { ClosedError, SinkWriteError, type Sink, type SinkBatch } from "millrace";

export interface WebhookOptions {
  readonly url: string;
  /** Time for one request, ms. Default 10,000. */
  readonly timeoutMs?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

// region sink
/**
 * Posts each sink batch as JSON, one request a batch, with its id as `Idempotency-Key`: an endpoint that remembers the
 * keys it has taken holds one copy, whatever is repeated. Whether to repeat is left to Millrace's delivery.
 *
 * An endpoint that took only some rows answers 207 and `{ "failed": [index, ...] }`; a repeat brings the whole batch.
 */
export function webhookSink<R>({ url, timeoutMs = 10_000, headers = {} }: WebhookOptions): Sink<R> {
  let closed = false;
  return {
    name: "webhook",
    async write(batch, signal) {
      signal.throwIfAborted();
      if (closed) throw new ClosedError("webhook", "writing to sink");
      if (batch.rows.length === 0) return;
      let answer: Response;
      let text: string;
      try {
        answer = await fetch(url, {
          method: "POST",
          headers: { ...headers, "content-type": "application/json", "idempotency-key": batch.id },
          body: JSON.stringify({ id: batch.id, rows: batch.rows }),
          signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
        });
        // The answer is whole only when its body is: a connection may break in between.
        text = await answer.text();
      } catch (cause) {
        signal.throwIfAborted();
        throw new SinkWriteError("webhook", batch, `no answer from ${new URL(url).host}`, { retryable: true, cause });
      }
      refuse(batch, answer.status, text);
    },
    async close() {
      closed = true;
    },
  };
}

/** What may pass (the endpoint is busy, restarting, or took a part) is retryable; a refusal of what was sent is not. */
function refuse(batch: SinkBatch<unknown>, status: number, text: string): void {
  if (status === 207) {
    const { failed = [] } = JSON.parse(text) as { failed?: readonly number[] };
    if (failed.length === 0) return;
    throw new SinkWriteError("webhook", batch, `${failed.length} of ${batch.rows.length} rows were not taken: ${failed.slice(0, 5).join(", ")}`, { retryable: true });
  }
  if (status >= 200 && status < 300) return;
  const retryable = status === 408 || status === 425 || status === 429 || status >= 500;
  throw new SinkWriteError("webhook", batch, `the endpoint answered ${status} ${text.slice(0, 200)}`.trimEnd(), { retryable });
}
// endregion
