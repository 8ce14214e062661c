import { count, defineStream, defineView, int64, sum, text, timestamp } from "@millrace/core";

export const TOPIC = "plays";

const plays = defineStream({
  topic: TOPIC,
  columns: { ts: timestamp("ms"), song: text(), bit: int64("bigint") },
  eventTime: "ts",
  latenessMs: 1_000,
});

/**
 * Every record has a bit of its own, so the sum of a group's bits is the set of its records: nothing that is lost or
 * counted twice can hide behind something else, as long as the count agrees.
 */
const measures = (c: { readonly bit: Parameters<typeof sum<bigint>>[0] }) => ({ plays: count(), bits: sum(c.bit) });

export const bySong = defineView({ name: "by_song", from: plays, by: ["song"], every: "minute", measures });
/** Deployed while everything runs; leaves records out. */
export const onlyA = defineView({ name: "only_a", from: plays, where: (c) => c.song.eq("a"), by: [], every: "hour", measures });

export const VIEWS = [bySong, onlyA] as const;

/** Records of one history, at most: an int64 has so many bits that no sum overflows. */
export const MOST_RECORDS = 62;

export interface PlacedPlay {
  /** Below {@link MOST_RECORDS}. */
  readonly id: number;
  readonly offset: number;
  readonly ts: number;
  readonly appendedAt: number;
  readonly song: string;
  /** It cannot be decoded. */
  readonly dead: boolean;
}

export const valueOf = ({ id, ts, song, dead }: PlacedPlay): string => (dead ? `{"ts":` : `{"ts":${ts},"song":"${song}","bit":${1n << BigInt(id)}}`);

/** The key of the row of a view that counts a record, or undefined when none does. */
export function rowOf(view: (typeof VIEWS)[number]["name"], { ts, song, dead }: PlacedPlay): string | undefined {
  if (dead) return undefined;
  if (view === "by_song") return `${Math.floor(ts / 60_000) * 60_000} ${song}`;
  return song === "a" ? `${Math.floor(ts / 3_600_000) * 3_600_000} ` : undefined;
}
