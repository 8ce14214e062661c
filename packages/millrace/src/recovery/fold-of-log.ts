import type { EventLog } from "@millrace/core";

/** The totals of one (window, key), folded naively. */
export interface NaiveTotals {
  events: number;
  total: number;
  largest: number;
  readonly distinct: Set<number>;
}

export interface NaiveFold {
  /** By `<window ms> <key>`. */
  readonly totals: ReadonlyMap<string, NaiveTotals>;
  readonly deadLetters: number;
  readonly ends: Readonly<Record<number, number>>;
}

/** What the answer must be: `JSON.parse` and a Map over the whole log, or over what lies below `until` of each partition. */
export async function foldOfLog(log: EventLog, topic: string, signal: AbortSignal, until?: Readonly<Record<number, number>>): Promise<NaiveFold> {
  const totals = new Map<string, NaiveTotals>();
  const ends: Record<number, number> = {};
  let deadLetters = 0;
  const text = new TextDecoder();
  const { partitions } = await log.describe(topic, signal);
  for (const { partition, start, end } of partitions) {
    const stopAt = until?.[partition] ?? end;
    ends[partition] = stopAt;
    if (start >= stopAt) continue;
    for await (const batch of log.read({ topic, partition, from: start }, signal)) {
      for (let i = 0; i < batch.length; i++) {
        if (batch.offsets[i]! >= stopAt) break;
        let record: { at: number; key: string; n: number };
        try {
          record = JSON.parse(text.decode(batch.data.subarray(batch.valueStart[i], batch.valueEnd[i]))) as typeof record;
        } catch {
          deadLetters++;
          continue;
        }
        const key = `${Math.floor(record.at / 1_000) * 1_000} ${record.key}`;
        const sofar = totals.get(key);
        if (sofar === undefined) totals.set(key, { events: 1, total: record.n, largest: record.n, distinct: new Set([record.n]) });
        else {
          sofar.events++;
          sofar.total += record.n;
          sofar.largest = Math.max(sofar.largest, record.n);
          sofar.distinct.add(record.n);
        }
      }
      if (batch.position >= stopAt) break;
    }
  }
  return { totals, deadLetters, ends };
}
