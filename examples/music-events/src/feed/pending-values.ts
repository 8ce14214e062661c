import type { EventLog } from "millrace";

/**
 * The values beyond `ends`: what an earlier process appended of the chunk it died in. An event whose value is here has
 * been appended and must not be appended again.
 */
export async function readPendingValues(log: EventLog, ends: Readonly<Record<string, readonly number[]>>, signal: AbortSignal): Promise<PendingValues> {
  const values = new PendingValues();
  const text = new TextDecoder();
  for (const [topic, topicEnds] of Object.entries(ends)) {
    const { partitions } = await log.describe(topic, signal);
    for (const { partition, end } of partitions) {
      const from = topicEnds[partition] ?? 0;
      if (from >= end) continue;
      for await (const batch of log.read({ topic, partition, from }, signal)) {
        for (let i = 0; i < batch.length; i++) values.add(topic, text.decode(batch.data.subarray(batch.valueStart[i], batch.valueEnd[i])));
        if (batch.position >= end) break;
      }
    }
  }
  return values;
}

/** A multiset of (topic, value). */
export class PendingValues {
  readonly #counts = new Map<string, number>();

  get size(): number {
    return this.#counts.size;
  }

  add(topic: string, value: string): void {
    const key = `${topic} ${value}`;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }

  /** Takes one out; false when there is none. */
  take(topic: string, value: string): boolean {
    const key = `${topic} ${value}`;
    const count = this.#counts.get(key);
    if (count === undefined) return false;
    if (count === 1) this.#counts.delete(key);
    else this.#counts.set(key, count - 1);
    return true;
  }
}
