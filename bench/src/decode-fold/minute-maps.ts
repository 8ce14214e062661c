import type { RawBatch } from "@millrace/core";
import { rowTotals, type Totals } from "./totals.js";

interface Minute {
  plays: number;
  readonly song: Map<string, number>;
  readonly artist: Map<string, number>;
  readonly state: Map<string, number>;
  readonly users: Set<number>;
}

/** The five views as one would write them without us: `JSON.parse`, and a `Map` of maps. Not durable, and exact. */
export class MinuteMaps {
  readonly #minutes = new Map<number, Minute>();
  #last = NaN;
  #current: Minute | undefined;

  add({ data, length, valueStart, valueEnd }: RawBatch): void {
    const minutes = this.#minutes;
    let last = this.#last;
    let current = this.#current;
    const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    for (let i = 0; i < length; i++) {
      const record = JSON.parse(bytes.toString("utf8", valueStart[i], valueEnd[i])) as { ts: number; song: string; artist: string; state: string; userId: number };
      const start = Math.floor(record.ts / 60_000);
      if (start !== last || current === undefined) {
        last = start;
        current = minutes.get(start);
        if (current === undefined) minutes.set(start, (current = { plays: 0, song: new Map(), artist: new Map(), state: new Map(), users: new Set() }));
      }
      current.plays++;
      increment(current.song, record.song);
      increment(current.artist, record.artist);
      increment(current.state, record.state);
      current.users.add(record.userId);
    }
    this.#last = last;
    this.#current = current;
  }

  /** Plays of each song in all minutes. */
  songs(): ReadonlyMap<string, number> {
    const songs = new Map<string, number>();
    for (const { song } of this.#minutes.values()) for (const [name, plays] of song) songs.set(name, (songs.get(name) ?? 0) + plays);
    return songs;
  }

  totals(): Totals {
    const all = [...this.#minutes].sort(([a], [b]) => a - b).map(([, minute]) => minute);
    const counts = (of: (minute: Minute) => Map<string, number>) => rowTotals(all.flatMap((minute) => [...of(minute).values()]));
    return {
      minute: rowTotals(all.map(({ plays }) => plays)),
      song: counts(({ song }) => song),
      artist: counts(({ artist }) => artist),
      state: counts(({ state }) => state),
      users: all.map(({ users }) => users.size),
      sketched: false,
    };
  }
}

function increment(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
