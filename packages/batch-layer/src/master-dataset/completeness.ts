import type { Manifest } from "@millrace/core";

/** What is known of one event date of a topic. */
export interface DateCompleteness {
  /** `YYYY-MM-DD`, UTC. */
  readonly date: string;
  readonly rows: number;
  /** Rows that came in segments received after the date had ended by more than the stream's lateness. */
  readonly lateRowsSince: number;
  readonly minEventTime: number;
  readonly maxEventTime: number;
  readonly files: number;
}

/** What the manifests of a topic say about it. */
export interface Completeness {
  readonly topic: string;
  /** The smallest, over the partitions, of the largest event time committed, epoch ms: null while nothing is. */
  readonly watermark: number | null;
  /** Every partition is committed at least up to this broker time, epoch ms; null while one has nothing. */
  readonly sealedThrough: number | null;
  /** records = events + deadLetters + erased. */
  readonly records: number;
  readonly events: number;
  readonly deadLetters: number;
  /** Records that erasures took out. */
  readonly erased: number;
  /** In date order. */
  readonly dates: readonly DateCompleteness[];
}

const DAY_MS = 86_400_000;

/** Adds up the manifests of one topic. `latenessMs`: as the stream declares it. */
export function completenessOf(topic: string, manifests: readonly Manifest[], latenessMs: number): Completeness {
  const dates = new Map<string, { rows: number; lateRowsSince: number; minEventTime: number; maxEventTime: number; files: number }>();
  const partitions = new Map<string, { eventTime: number; sealedThrough: number }>();
  const sum = { records: 0, events: 0, deadLetters: 0, erased: 0 };
  for (const { logVersion, partition, files, receivedAt, maxAppendedAt, records, events, deadLetters, erased = [] } of manifests) {
    sum.records += records;
    sum.events += events;
    sum.deadLetters += deadLetters;
    sum.erased += erased.length;
    const key = `v${logVersion}-p${partition}`;
    const seen = partitions.get(key) ?? { eventTime: -Infinity, sealedThrough: -Infinity };
    seen.sealedThrough = Math.max(seen.sealedThrough, maxAppendedAt);
    for (const { date, rows, minEventTime, maxEventTime } of files) {
      seen.eventTime = Math.max(seen.eventTime, maxEventTime);
      const of = dates.get(date) ?? { rows: 0, lateRowsSince: 0, minEventTime: Infinity, maxEventTime: -Infinity, files: 0 };
      of.rows += rows;
      if (receivedAt > Date.parse(`${date}T00:00:00Z`) + DAY_MS + latenessMs) of.lateRowsSince += rows;
      of.minEventTime = Math.min(of.minEventTime, minEventTime);
      of.maxEventTime = Math.max(of.maxEventTime, maxEventTime);
      of.files++;
      dates.set(date, of);
    }
    partitions.set(key, seen);
  }
  const least = (values: readonly number[]) => (values.length === 0 ? -Infinity : Math.min(...values));
  const orNull = (value: number) => (Number.isFinite(value) ? value : null);
  return {
    topic,
    watermark: orNull(least([...partitions.values()].map(({ eventTime }) => eventTime))),
    sealedThrough: orNull(least([...partitions.values()].map(({ sealedThrough }) => sealedThrough))),
    ...sum,
    dates: [...dates].sort(([a], [b]) => (a < b ? -1 : 1)).map(([date, of]) => ({ date, ...of })),
  };
}
