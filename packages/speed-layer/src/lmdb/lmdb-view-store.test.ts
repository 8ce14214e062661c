import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { simulatedClock } from "@millrace/core";
import type { ProgressRow, SegmentId, SegmentPartials } from "@millrace/core";
import { openLmdb } from "@millrace/core/lmdb";
import { storeTestView, viewStoreConformance } from "@millrace/core/testing";
import { lmdbViewStore } from "./lmdb-view-store.js";

const never = new AbortController().signal;
const view = storeTestView("plays", "00000000000000aa");
const segment: SegmentId = { topic: "t", logVersion: 1_024, partition: 0, first: 0 };
let folder: string;

beforeEach(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), "millrace-views-"));
});
afterEach(() => fs.rm(folder, { recursive: true, force: true }));

function partials(keys: readonly number[], version: number): SegmentPartials {
  return {
    segment,
    length: keys.length,
    windows: Float64Array.from(keys, (key) => key * 60_000),
    versions: new Float64Array(keys.length).fill(version),
    dimensions: [keys.map((key) => `key ${key}`), keys.map(() => null)],
    cells: [keys.map(() => version), keys.map(() => null), keys.map(() => 0.5), keys.map(() => Uint8Array.of(1))],
  };
}

/** What lies in the store, read without it. */
async function stored(): Promise<{ readonly runs: number; readonly expiries: number }> {
  const environment = await openLmdb(folder, { user: "this test", format: "views 1", databases: ["runs", "expiries"] });
  environment.root.resetReadTxn();
  const count = (name: "runs" | "expiries"): number => [...environment.databases[name].getKeys({})].length;
  const counts = { runs: count("runs"), expiries: count("expiries") };
  await environment.close();
  return counts;
}

describe("lmdbViewStore", () => {
  viewStoreConformance(it, async () => {
    const clock = simulatedClock(1_700_000_000_000);
    const store = lmdbViewStore({ path: folder, clock });
    return {
      store,
      now: () => clock.now(),
      // Remembers nothing, where the other remembers all.
      another: async () => lmdbViewStore({ path: folder, clock, cacheBytes: 0 }),
      moveTo: async (instant) => clock.set(instant),
      dispose: () => store.close(),
    };
  });

  it("holds few runs, however many small writes a segment had, and one when it is sealed", async () => {
    const store = lmdbViewStore({ path: folder });
    const reader = lmdbViewStore({ path: folder });
    let most = 0;
    for (let i = 0; i < 300; i++) {
      await store.write(view, partials([i % 7, i], i + 1), 4e12, never);
      if (i % 25 === 0) most = Math.max(most, (await stored()).runs);
    }
    expect(most).toBeLessThanOrEqual(40);
    const read = async (from: typeof store): Promise<[number, number][]> => {
      const rows: [number, number][] = [];
      for await (const batch of from.read({ view, segments: [segment], from: 0, until: 4e12 }, never)) {
        for (let i = 0; i < batch.length; i++) rows.push([batch.windows[i]! / 60_000, batch.versions[i]!]);
      }
      return rows.sort(([a], [b]) => a - b);
    };
    // Keys below 7 were written again by the last write whose number leaves them as rest.
    const expected = Array.from({ length: 300 }, (_, key): [number, number] => [key, key < 7 ? 300 - ((299 - key) % 7) : key + 1]);
    expect(await read(reader)).toEqual(expected);
    const sealed = { fingerprint: view.fingerprint, segment, previous: 0, until: 300, sealed: true, version: 301, coveredUntil: 4e12 } as ProgressRow;
    await store.writeProgress([sealed], never);
    expect(await stored()).toEqual({ runs: 1, expiries: 1 });
    expect(await read(store)).toEqual(expected);
    expect(await read(reader)).toEqual(expected);
    await store.close();
    const again = lmdbViewStore({ path: folder });
    expect(await read(again)).toEqual(expected);
    expect(await again.readProgress(view.fingerprint, "t", never)).toEqual([sealed]);
    await again.sweep(4e12, never);
    expect(await stored()).toEqual({ runs: 0, expiries: 0 });
    expect(await read(reader)).toEqual([]);
    await again.close();
    await reader.close();
  });

  it("refuses a folder of another format", async () => {
    const environment = await openLmdb(folder, { user: "this test", format: "views 99", databases: [] });
    await environment.close();
    await expect(lmdbViewStore({ path: folder }).prepare([view], never)).rejects.toThrow('opening a store of format "views 99"');
  });
});
