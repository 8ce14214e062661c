import { crc32 } from "node:zlib";
import type { LogRecord } from "@millrace/core";

const DAY_MS = 86_400_000;

/** What a reader of `JSON.parse` alone would say a record is. */
export interface NaiveRecord {
  readonly event: boolean;
  readonly filtered: boolean;
  readonly late: boolean;
  readonly at: number | null;
}

interface Play {
  readonly at: number;
  readonly user: number;
  readonly song: string | null;
  readonly seconds: number;
}

function parse({ value, appendedAt }: LogRecord): Play | null {
  let play: Play;
  try {
    play = JSON.parse(new TextDecoder().decode(value!)) as Play;
  } catch {
    return null;
  }
  return typeof play.at === "number" && play.at <= appendedAt + DAY_MS ? play : null;
}

/** The two views of the tests, folded record by record with a Map: the truth that layers are compared with. */
export function naiveViews(records: readonly LogRecord[]): { readonly songs: Map<string, string>; readonly users: Map<string, string> } {
  const songs = new Map<string, { plays: number; cents: number }>();
  const users = new Map<string, { plays: number; longest: number }>();
  for (const record of records) {
    const play = parse(record);
    if (play === null) continue;
    const cents = Math.round(play.seconds * 100);
    if (play.song !== null) {
      const key = `${Math.floor(play.at / 60_000) * 60_000}|${play.song}`;
      const row = songs.get(key) ?? { plays: 0, cents: 0 };
      songs.set(key, { plays: row.plays + 1, cents: row.cents + cents });
    }
    const key = `${Math.floor(play.at / 3_600_000) * 3_600_000}|${play.user}`;
    const row = users.get(key) ?? { plays: 0, longest: -Infinity };
    users.set(key, { plays: row.plays + 1, longest: Math.max(row.longest, cents) });
  }
  return {
    songs: new Map([...songs].map(([key, { plays, cents }]) => [key, `${plays}|${cents}`])),
    users: new Map([...users].map(([key, { plays, longest }]) => [key, `${plays}|${longest}`])),
  };
}

/** The counts of a progress row, record by record. */
export function naiveCounts(records: readonly LogRecord[]): {
  readonly records: number;
  readonly events: number;
  readonly withoutSong: number;
  readonly late: number;
  readonly deadLetters: number;
  readonly maxEventTime: number | null;
  readonly crc: number;
} {
  const parsed = records.map((record) => ({ record, play: parse(record) }));
  const events = parsed.filter(({ play }) => play !== null);
  return {
    records: records.length,
    events: events.length,
    withoutSong: events.filter(({ play }) => play!.song === null).length,
    late: events.filter(({ record, play }) => play!.at < record.appendedAt - 60_000).length,
    deadLetters: records.length - events.length,
    maxEventTime: events.length === 0 ? null : Math.max(...events.map(({ play }) => play!.at)),
    crc: crc32(records.at(-1)!.value!),
  };
}
