import type { Retry } from "../delivery/retrying.js";
import type { RawBatch } from "../log/raw-batch.js";
import type { ColumnBatch, EventDecoder } from "./event-batch.js";

/**
 * Decodes a batch once the stream's decoder has what it needs for it. `retry` repeats the preparation; without it, it
 * is tried once.
 *
 * Rejects with what the preparation failed with: no record has become a dead letter then.
 */
export async function decodeBatch<R>(decoder: EventDecoder<R>, raw: RawBatch, signal: AbortSignal, retry: Retry = once): Promise<ColumnBatch<R>> {
  const { prepare } = decoder;
  if (prepare !== undefined && raw.length > 0) await retry(`preparing to decode records of "${raw.topic}"`, (attempt) => prepare(raw, attempt), signal);
  return decoder.decode(raw);
}

const once: Retry = (_operation, attempt, signal) => attempt(signal);
