import { readRawBatches } from "../listen-events/read-raw-batches.js";
import type { Engine } from "./engine.js";
import { rowTotals, type Totals } from "./totals.js";

interface Minute {
  plays: number;
  readonly song: Map<string, number>;
  readonly artist: Map<string, number>;
  readonly state: Map<string, number>;
  readonly users: Set<number>;
}

/** What one would write without us: `JSON.parse`, and a `Map` of maps. */
export function jsonParseEngine(directory: string, batchRecords: number): Engine {
  const partitions = readRawBatches(directory, batchRecords);
  return {
    version: `node ${process.version}`,
    run: () => {
      const minutes = new Map<number, Minute>();
      const increment = (counts: Map<string, number>, key: string) => counts.set(key, (counts.get(key) ?? 0) + 1);
      let last = NaN;
      let current: Minute | undefined;
      for (const { data, length, valueStart, valueEnd } of partitions.flat()) {
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
      }
      return Promise.resolve(minutes);
    },
    totals: (result) => Promise.resolve(totalsOf(result as ReadonlyMap<number, Minute>)),
  };
}

function totalsOf(minutes: ReadonlyMap<number, Minute>): Totals {
  const all = [...minutes].sort(([a], [b]) => a - b).map(([, minute]) => minute);
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
