import { ClosedError } from "../errors/closed-error.js";
import type { Sink, SinkBatch } from "../ports/sink.js";

/** A sink that keeps what it was given: one copy of each batch, whatever is replayed. */
export interface MemorySink<R> extends Sink<R> {
  /** By id, in the order of their first write. */
  readonly batches: ReadonlyMap<string, SinkBatch<R>>;
  /** The rows of all batches, in that order. */
  readonly rows: readonly R[];
}

/** A sink for tests and demonstrations, and the oracle of the others. */
export function memorySink<R>(name = "memory"): MemorySink<R> {
  const batches = new Map<string, SinkBatch<R>>();
  let closed = false;
  return {
    name,
    batches,
    get rows() {
      return [...batches.values()].flatMap(({ rows }) => rows);
    },
    async write(batch, signal) {
      signal.throwIfAborted();
      if (closed) throw new ClosedError(name, "writing to sink");
      batches.set(batch.id, { ...batch, rows: [...batch.rows] });
    },
    async close() {
      closed = true;
    },
  };
}
