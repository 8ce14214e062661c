import { setTimeout as delay } from "node:timers/promises";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { ProgressRow, SegmentPartials, ViewStore } from "@millrace/core";
import { storeTestView } from "@millrace/core/testing";
import { startCassandra } from "@millrace/servers";
import type { RunningCassandra } from "@millrace/servers";
import { CassandraError } from "./cassandra-error.js";
import { cassandraStore } from "./cassandra-store.js";
import { expectServedIsTheFold, histories } from "./testing/history.js";

const never = new AbortController().signal;
const view = storeTestView("plays", "00000000000000aa");
const ROWS = 200;
let cassandra: RunningCassandra;

beforeAll(async () => {
  cassandra = await startCassandra({ nodes: 2 });
});
afterAll(() => cassandra.stop());

function open(keyspace: string, more: Partial<Parameters<typeof cassandraStore>[0]> = {}): ViewStore {
  const { contactPoints, port, localDataCenter } = cassandra;
  return cassandraStore({ contactPoints, port, localDataCenter, keyspace, replication: { datacenter1: 2 }, requestTimeoutMs: 1_000, ...more } as Parameters<typeof cassandraStore>[0]);
}

/** What stands before the fault: on a busy machine it takes longer than a test of timeouts gives a request. */
async function begin(keyspace: string, work: (patient: ViewStore) => Promise<void> = async () => {}): Promise<void> {
  const patient = open(keyspace, { requestTimeoutMs: 60_000 });
  await patient.prepare([view], never);
  await work(patient);
  await patient.close();
}

/** Every row says the version that it was written with. */
function partials(version: number): SegmentPartials {
  const all = <T>(value: (i: number) => T): T[] => Array.from({ length: ROWS }, (_, i) => value(i));
  return {
    segment: { topic: "topic", logVersion: 1_024, partition: 0, first: 0 },
    receivedAt: 1_700_000_000_000,
    length: ROWS,
    windows: Float64Array.from({ length: ROWS }, (_, i) => i * 60_000),
    versions: new Float64Array(ROWS).fill(version),
    dimensions: [all((i) => `key ${i}`), all(() => null)],
    cells: [all(() => version), all(() => version), all(() => version), all(() => Uint8Array.of(1))],
  };
}

function progress(version: number): ProgressRow {
  return {
    ...{ fingerprint: view.fingerprint, segment: partials(0).segment, previous: 0, until: version, sealed: false, version, records: version, events: version, filtered: 0, late: 0, deadLetters: 0 },
    ...{ minWindow: null, maxWindow: null, maxEventTime: null, receivedAt: 1_700_000_000_000, crc: 0, coveredUntil: Date.now() + 86_400_000, overlapping: true },
  };
}

it("with two copies, a node killed while it is written and read: writes wait, reads go on, and no answer is older than its progress", async () => {
  const store = open("killed");
  const readers = [open("killed"), open("killed")];
  await begin("killed", async (patient) => {
    await patient.write(view, partials(1), Date.now() + 86_400_000, never);
    await patient.writeProgress([progress(1)], never);
  });
  let durable = 1;
  let stopped = false;
  let refused = 0;
  let reads = 0;
  let version = 1;
  const writing = (async () => {
    while (!stopped) {
      try {
        await store.write(view, partials(version + 1), Date.now() + 86_400_000, never);
        await store.writeProgress([progress(version + 1)], never);
        durable = ++version;
      } catch (error) {
        expect((error as CassandraError).retryable, String(error)).toBe(true);
        refused++;
        await delay(20);
      }
    }
  })();
  const reading = readers.map(async (reader) => {
    while (!stopped) {
      const known = durable;
      try {
        const [row] = await reader.readProgress(view.fingerprint, "topic", never);
        expect(row!.until).toBeGreaterThanOrEqual(known);
        expect(row!.overlapping).toBe(true);
        let least = Infinity;
        let rows = 0;
        for await (const batch of reader.read({ view, segments: [row!.segment], from: 0, until: 1e12 }, never)) {
          rows += batch.length;
          for (const each of batch.versions) least = Math.min(least, each);
          for (let i = 0; i < batch.length; i++) expect([batch.cells[0]![i], batch.cells[1]![i]]).toEqual([batch.versions[i], batch.versions[i]]);
        }
        expect(rows).toBe(ROWS);
        expect(least).toBeGreaterThanOrEqual(row!.until);
        reads++;
      } catch (error) {
        if (!(error instanceof CassandraError)) throw error;
        expect(error.retryable, String(error)).toBe(true);
      }
      await delay(5);
    }
  });
  const later = async (count: () => number, more: number): Promise<void> => {
    const from = count();
    await expect.poll(count, { interval: 50, timeout: 120_000 }).toBeGreaterThan(from + more);
  };
  try {
    await later(() => durable, 10);
    const [, second] = cassandra.nodes;
    await second!.kill();
    await later(() => refused, 2);
    const whenKilled = durable;
    const readsThen = reads;
    await later(() => reads, 20);
    // A write that was under way may have reached both; then none does.
    expect(durable).toBeLessThanOrEqual(whenKilled + 1);
    expect(reads).toBeGreaterThan(readsThen);
    await second!.start();
    await later(() => durable, 10);
    // The other one now: what it alone had been asked for must be on the first too.
    await cassandra.nodes[0]!.kill();
    await later(() => reads, 20);
    await cassandra.nodes[0]!.start();
    await later(() => durable, 10);
  } finally {
    stopped = true;
    await writing;
    await Promise.all(reading);
  }
  for (const each of [store, ...readers]) await each.close();
});

it("with availability chosen by name writes go on, and say that they do not overlap", async () => {
  await begin("available");
  const exact = open("available");
  const store = open("available", { consistency: "available" });
  await expect.poll(() => Promise.all([exact, store].map((each) => each.prepare([view], never))).then(() => "prepared", String)).toBe("prepared");
  expect([exact.overlapping, store.overlapping]).toEqual([true, false]);
  cassandra.nodes[1]!.pause();
  try {
    await expect.poll(() => store.write(view, partials(3), Date.now() + 86_400_000, never).then(() => "written", String), { interval: 50 }).toBe("written");
    await expect.poll(() => store.writeProgress([{ ...progress(3), overlapping: store.overlapping! }], never).then(() => "written", String), { interval: 50 }).toBe("written");
  } finally {
    cassandra.nodes[1]!.resume();
  }
  await expect.poll(() => exact.readProgress(view.fingerprint, "topic", never).then((rows) => rows.map(({ until, overlapping }) => [until, overlapping]), String), { interval: 100 }).toEqual([[3, false]]);
  await exact.close();
  await store.close();
});

it("under a whole speed layer, a node that stands still again and again loses nothing and adds nothing", async () => {
  let pauses = 0;
  await fc.assert(
    fc.asyncProperty(histories(10), async (history) => {
      const keyspace = `still_${process.pid}_${pauses}_${history.length}`;
      await expectServedIsTheFold([...history, { do: "disturb", ms: 3_000 }], {
        store: (clock) => open(keyspace, { clock, requestTimeoutMs: 500 }),
        disturb: () => {
          pauses++;
          cassandra.nodes[1]!.pause();
          return () => cassandra.nodes[1]!.resume();
        },
        breathe: () => delay(10),
      });
    }),
    // Smaller histories would take as long again.
    { numRuns: 4, endOnFailure: true },
  );
  expect(pauses).toBeGreaterThanOrEqual(4);
});
