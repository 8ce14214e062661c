import { count, defineStream, defineView, int64, text, timestamp, type Sink } from "@millrace/core";
import { LISTEN_EVENTS } from "../listen-events/fill-log.js";

export const plays = defineStream({
  topic: LISTEN_EVENTS,
  columns: { ts: timestamp("ms"), song: text(), artist: text(), state: text(), userId: int64() },
  eventTime: "ts",
});

export interface Play {
  readonly ts: Date;
  readonly song: string;
  readonly artist: string;
  readonly state: string;
  readonly userId: number;
}

export const playsBySong = defineView({ name: "plays_by_song", from: plays, by: ["song"], every: "minute", measures: () => ({ plays: count() }) });

/** What a pipeline let through, added up, so that two ways can be compared; the order does not matter. */
export class Tally {
  rows = 0;
  sum = 0;

  /** Always true, so that it can stand in a condition. */
  add(text: string, number: number): boolean {
    this.rows++;
    this.sum += text.length * 31 + number;
    return true;
  }
}

/** Takes everything at once. */
export const nowhere: Sink<unknown> = { name: "nowhere", write: () => Promise.resolve(), close: () => Promise.resolve() };

/** The same key is dropped within it. */
export const DEDUPE_MS = 60_000;

/** The table of the join. */
export function planOf(userId: number): string | undefined {
  return userId % 10 === 0 ? undefined : userId % 5 === 1 ? "paid" : "free";
}
