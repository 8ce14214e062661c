import { randomUUID } from "node:crypto";
import { Client } from "cassandra-driver";
import { setTimeout as delay } from "node:timers/promises";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { simulatedClock } from "@millrace/core";
import type { SegmentPartials } from "@millrace/core";
import { storeTestView, viewStoreConformance } from "@millrace/core/testing";
import { CassandraError } from "./cassandra-error.js";
import { cassandraStore } from "./cassandra-store.js";
import { expectServedIsTheFold, histories } from "./testing/history.js";

const never = new AbortController().signal;
const view = storeTestView("plays", "00000000000000aa");

const keyspaces: string[] = [];
let client: Client;

beforeAll(async () => {
  const { contactPoints, port, localDataCenter } = inject("cassandra");
  client = new Client({ contactPoints: [...contactPoints], localDataCenter, protocolOptions: { port } });
  await client.connect();
});
afterAll(async () => {
  for (const keyspace of keyspaces) await client.execute(`DROP KEYSPACE IF EXISTS ${keyspace}`);
  await client.shutdown();
});

function newKeyspace(): string {
  const keyspace = `store_${randomUUID().slice(0, 8)}`;
  keyspaces.push(keyspace);
  return keyspace;
}

describe("cassandraStore", () => {
  viewStoreConformance(
    it,
    async () => {
      const settings = { ...inject("cassandra"), keyspace: newKeyspace(), replication: { datacenter1: 1 }, shards: 2 };
      const store = cassandraStore(settings);
      return { store, another: async () => cassandraStore(settings), dispose: () => store.close() };
    },
    { "keeps-until-expiry": "rows leave by Cassandra's own clock, which no test can move: proved on the client in memory" },
  );

  it("serves the fold of the log under a whole speed layer", async () => {
    await fc.assert(
      fc.asyncProperty(histories(12), fc.constantFrom(1, 3), async (history, shards) => {
        const keyspace = newKeyspace();
        await expectServedIsTheFold(history, {
          store: (clock) => cassandraStore({ ...inject("cassandra"), keyspace, replication: { datacenter1: 1 }, clock, shards }),
          disturb: () => () => undefined,
          breathe: () => delay(1),
        });
      }),
      { numRuns: 4, endOnFailure: true },
    );
  });

  it("creates each table once, however many start together", async () => {
    const keyspace = newKeyspace();
    const stores = Array.from({ length: 5 }, () => cassandraStore({ ...inject("cassandra"), keyspace, replication: { datacenter1: 1 } }));
    await Promise.all(stores.map((store) => store.prepare([view], never)));
    await stores[0]!.write(view, partials(3), Date.now() + 60_000, never);
    expect(await versions(stores[4]!)).toEqual([3]);
    expect(await stores[1]!.schema!.apply([view, { ...view, fingerprint: "00000000000000bb", cells: [...view.cells, { name: "extra", type: "int64", combine: "sum", input: { of: "one" } }] }], never)).toEqual([
      `ALTER TABLE ${keyspace}.plays ADD IF NOT EXISTS extra bigint`,
    ]);
    expect(await versions(stores[4]!)).toEqual([3]);
    for (const store of stores) await store.close();
  });

  it("lets rows leave by Cassandra's clock, and lets nobody's wall clock hide them", async () => {
    const keyspace = newKeyspace();
    const store = cassandraStore({ ...inject("cassandra"), keyspace, replication: { datacenter1: 1 } });
    await store.prepare([view], never);
    await store.write(view, partials(5), Date.now() + 60_000, never);
    await client.execute(`UPDATE ${keyspace}.plays SET count = 999 WHERE fingerprint = ? AND topic = 'topic' AND received = ? AND shard = 0 AND window_start = ? AND text = 'a' AND id = 0 AND id_is_null = true AND log_version = 1024 AND log_partition = 0 AND segment = 0 AND segment_end = -1`, [view.fingerprint, new Date(RECEIVED - (RECEIVED % 900_000)), new Date(60_000)], { prepare: true });
    const { rows } = await client.execute(`SELECT count, writetime(count) AS written, ttl(count) AS ttl FROM ${keyspace}.plays`);
    expect(rows.map((row) => [String(row["count"]), String(row["written"])])).toEqual([["5", String((1_024n << 44n) + 5n)]]);
    expect(rows[0]!["ttl"]).toBeGreaterThan(50);
    await store.write(view, { ...partials(7), segment: { ...partials(7).segment, first: 100 } }, Date.now() + 1_000, never);
    await expect.poll(async () => (await client.execute(`SELECT segment FROM ${keyspace}.plays`)).rows.map((row) => String(row["segment"])), { interval: 200 }).toEqual(["0"]);
    await store.close();
  });

  it("says what is missing and what to do", async () => {
    const failureOf = async (settings: Partial<Parameters<typeof cassandraStore>[0]>): Promise<[string, boolean, string | undefined]> => {
      const store = cassandraStore({ ...inject("cassandra"), keyspace: "store_of_nobody", requestTimeoutMs: 2_000, ...settings } as Parameters<typeof cassandraStore>[0]);
      const error = await store.prepare([view], never).catch((thrown: unknown) => thrown);
      await store.close();
      expect(error).toBeInstanceOf(CassandraError);
      return [(error as CassandraError).failure, (error as CassandraError).retryable, (error as CassandraError).advice];
    };
    expect(await failureOf({})).toEqual(["missing-keyspace", false, expect.stringContaining("CREATE KEYSPACE store_of_nobody")]);
    expect(await failureOf({ port: 1 })).toEqual(["unreachable", true, expect.stringContaining("contactPoints")]);
    const keyspace = newKeyspace();
    await client.execute(`CREATE KEYSPACE ${keyspace} WITH replication = {'class': 'SimpleStrategy', 'replication_factor': '1'}`);
    expect(await failureOf({ keyspace, createTables: false })).toEqual(["missing-table", false, "create what the views need: millrace ddl --apply"]);
    await client.execute(`CREATE TABLE ${keyspace}.plays (id text PRIMARY KEY)`);
    const beside = cassandraStore({ ...inject("cassandra"), keyspace });
    await beside.prepare([view], never);
    await beside.write(view, partials(1), Date.now() + 60_000, never);
    expect(await versions(beside)).toEqual([1]);
    await client.execute(`ALTER TABLE ${keyspace}.plays_00000000 DROP weight`);
    const lacking = await cassandraStore({ client: client as never, keyspace, createTables: false }).prepare([view], never).catch((thrown: unknown) => thrown);
    expect([(lacking as CassandraError).failure, (lacking as CassandraError).message]).toEqual(["schema", 'looking at table "plays_00000000" of view "plays": it lacks "weight"']);
    await beside.close();
  });

  it("works on a client of the caller's own, and leaves it open", async () => {
    const store = cassandraStore({ client: client as never, keyspace: newKeyspace(), replication: { datacenter1: 1 }, clock: simulatedClock(Date.now()) });
    await store.prepare([view], never);
    await store.write(view, partials(2), Date.now() + 60_000, never);
    expect(await versions(store)).toEqual([2]);
    await store.close();
    expect((await client.execute("SELECT data_center FROM system.local")).rows).toHaveLength(1);
  });
});

const RECEIVED = 1_700_000_000_000;

function partials(version: number): SegmentPartials {
  return {
    segment: { topic: "topic", logVersion: 1_024, partition: 0, first: 0 },
    receivedAt: RECEIVED,
    length: 1,
    windows: Float64Array.of(60_000),
    versions: Float64Array.of(version),
    dimensions: [["a"], [null]],
    cells: [[version], [null], [0.5], [Uint8Array.of(1)]],
  };
}

async function versions(store: ReturnType<typeof cassandraStore>): Promise<number[]> {
  const found: number[] = [];
  for await (const batch of store.read({ view, segments: [partials(0).segment], from: 0, until: 1e9 }, never)) found.push(...batch.versions);
  return found;
}
