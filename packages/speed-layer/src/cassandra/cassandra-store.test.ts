import { describe, expect, it } from "vitest";
import { count, countDistinct, defineStream, defineView, int64, max, simulatedClock, text, timestamp } from "@millrace/core";
import type { SegmentId, SegmentPartials, ViewDefinition, ViewStore } from "@millrace/core";
import { storeTestView, viewStoreConformance } from "@millrace/core/testing";
import { CassandraError } from "./cassandra-error.js";
import { cassandraStore } from "./cassandra-store.js";
import type { CassandraStoreSettings } from "./cassandra-store.js";
import { FakeCassandra, driverError } from "./testing/fake-cassandra.js";

const never = new AbortController().signal;
const START = 1_700_000_000_000;
const view = storeTestView("plays", "00000000000000aa");
const segment: SegmentId = { topic: "topic", logVersion: 1_024, partition: 0, first: 0 };
const expiresAt = START + 86_400_000;

function world(settings: Partial<CassandraStoreSettings> & { readonly nodes?: number; readonly copies?: number } = {}) {
  const { nodes = 1, copies = 1, ...more } = settings;
  const clock = simulatedClock(START);
  const cassandra = new FakeCassandra({ clock, nodes });
  const store = (extra: Partial<CassandraStoreSettings> = {}, wide: "long" | "bigint" = "long"): ViewStore =>
    cassandraStore({ client: cassandra.client({ wide }), keyspace: "shop", replication: { datacenter1: copies }, clock, ...more, ...extra });
  return { clock, cassandra, store };
}

function partials(keys: readonly number[], version: number, of = segment): SegmentPartials {
  return {
    segment: of,
    receivedAt: START,
    length: keys.length,
    windows: Float64Array.from(keys, (key) => key * 60_000),
    versions: new Float64Array(keys.length).fill(version),
    dimensions: [keys.map((key) => `key ${key}`), keys.map(() => null)],
    cells: [keys.map(() => version), keys.map(() => null), keys.map(() => 0.5), keys.map(() => Uint8Array.of(1))],
  };
}

async function read(store: ViewStore, of: ViewDefinition = view): Promise<[number, number][]> {
  const rows: [number, number][] = [];
  for await (const batch of store.read({ view: of, segments: [segment], from: -Infinity, until: Infinity }, never)) {
    for (let i = 0; i < batch.length; i++) rows.push([batch.windows[i]! / 60_000, batch.versions[i]!]);
  }
  return rows.sort(([a], [b]) => a - b);
}

async function failure(promise: Promise<unknown>): Promise<CassandraError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(CassandraError);
  return error as CassandraError;
}

describe("cassandraStore", () => {
  viewStoreConformance(it, async () => {
    const { clock, store } = world({ shards: 3, batchRows: 4 });
    return {
      store: store(),
      now: () => clock.now(),
      another: async () => store({}, "bigint"),
      moveTo: async (instant) => clock.set(instant),
      dispose: async () => undefined,
    };
  });

  describe("tables", () => {
    const plays = defineStream({ topic: "plays", columns: { ts: timestamp("ms"), song: text().optional(), userId: int64().optional(), level: int64(), token: text() }, eventTime: "ts" });
    const chart = (more: { readonly by?: readonly ("song" | "userId" | "level" | "token")[]; readonly last?: boolean } = {}) =>
      defineView({ name: "Song_Chart", from: plays, by: more.by ?? ["song", "userId", "token"], every: "minute", measures: (c) => ({ plays: count(), received: countDistinct(c.userId), ...(more.last ? { last: max(c.ts) } : {}) }) }).definition;

    it("have the view's name, and a plain column for each dimension and cell", async () => {
      const { cassandra, store } = world({ shards: 4, bucketMs: 3_600_000 });
      const own = store();
      const statements = own.schema!.statements([chart()]);
      expect(statements).toHaveLength(4);
      expect(statements[0]).toBe("CREATE KEYSPACE IF NOT EXISTS shop WITH replication = {'class': 'NetworkTopologyStrategy', 'datacenter1': '1'}");
      expect(statements[3]).toBe(
        [
          "CREATE TABLE IF NOT EXISTS shop.song_chart (",
          "  fingerprint text,",
          "  topic text,",
          "  received timestamp,",
          "  shard int,",
          "  window_start timestamp,",
          "  song text,",
          "  userid bigint,",
          "  userid_is_null boolean,",
          '  "token" text,',
          "  log_version int,",
          "  log_partition int,",
          "  segment bigint,",
          "  segment_end bigint,",
          "  version bigint,",
          "  plays bigint,",
          "  received_ blob,",
          '  PRIMARY KEY ((fingerprint, topic, received, shard), window_start, song, userid, userid_is_null, "token", log_version, log_partition, segment, segment_end)',
          ") WITH compaction = {'class': 'UnifiedCompactionStrategy'} AND gc_grace_seconds = 14400",
          `  AND comment = 'Millrace: partials of view Song_Chart, windows of 60 s; received_ is a sketch. {"format":1,"bucketSeconds":3600,"shards":4}'`,
        ].join("\n"),
      );
      expect(await own.schema!.apply([chart()], never)).toEqual(statements);
      expect(await own.schema!.apply([chart()], never)).toEqual([]);
      expect(await own.schema!.locate!(chart(), never)).toEqual({
        schema: "shop", table: "song_chart", progressTable: "millrace_progress", bucketMs: 3_600_000, shards: 4,
        dimensions: [{ column: "song", nullText: "␀" }, { column: "userid", nullColumn: "userid_is_null" }, { column: "token", nullText: "␀" }],
        cells: ["plays", "received_"],
      });
      await own.write(chart(), { ...partials([7], 9), dimensions: [[null], [null], ["t"]], cells: [[3], [Uint8Array.of(0x10)]] }, expiresAt, never);
      expect(cassandra.select("shop.song_chart")).toEqual([
        {
          fingerprint: chart().fingerprint,
          topic: "topic",
          received: new Date(START - (START % 3_600_000)),
          shard: expect.any(Number),
          window_start: new Date(420_000),
          song: "␀",
          userid: { high: 0, low: 0 },
          userid_is_null: true,
          token: "t",
          log_version: 1_024,
          log_partition: 0,
          segment: { high: 0, low: 0 },
          segment_end: { high: -1, low: -1 },
          version: { high: 0, low: 9 },
          plays: { high: 0, low: 3 },
          received_: Buffer.of(0x10),
        },
      ]);
    });

    it("hold the rows of a changed view beside the old ones, or get another name when its key differs", async () => {
      const { cassandra, store } = world();
      const [first, more, other] = [chart(), chart({ last: true }), chart({ by: ["song"] })];
      const own = store();
      await own.prepare([first], never);
      const before = cassandra.schemaChanges.length;
      await own.prepare([more], never);
      await own.prepare([other], never);
      await store().prepare([other, more, first], never);
      expect(cassandra.schemaChanges.slice(before)).toEqual(["ALTER TABLE shop.song_chart ADD IF NOT EXISTS last bigint", expect.stringContaining(`CREATE TABLE IF NOT EXISTS shop.song_chart_${other.fingerprint.slice(0, 8)} (`)]);
      const dimensions = { [first.fingerprint]: 3, [more.fingerprint]: 3, [other.fingerprint]: 1 };
      for (const [i, of] of [first, more, other].entries()) {
        const cells = of === more ? [[i], [Uint8Array.of(1)], [5]] : [[i], [Uint8Array.of(1)]];
        const values = [["a"], [1], ["t"]].slice(0, dimensions[of.fingerprint]);
        await own.write(of, { ...partials([i], i + 1), dimensions: values, cells }, expiresAt, never);
      }
      for (const [i, of] of [first, more, other].entries()) expect(await read(store(), of)).toEqual([[i, i + 1]]);
      expect(cassandra.select("shop.song_chart")).toHaveLength(2);
    });

    it("keep the layout that they were created with, whatever a later process is told", async () => {
      const { cassandra, store } = world({ shards: 5 });
      await store().prepare([view], never);
      const changed = store({ shards: 2, bucketMs: 60_000 });
      await changed.prepare([view], never);
      await changed.write(view, partials(Array.from({ length: 50 }, (_, i) => i), 1), expiresAt, never);
      expect(new Set(cassandra.select("shop.plays").map((row) => row["shard"]))).toEqual(new Set([0, 1, 2, 3, 4]));
      expect(await read(store({ shards: 1 }))).toHaveLength(50);
    });

    it("are created by one of many processes that start together, and by none that may not", async () => {
      const { cassandra, store } = world();
      const forbidden = store({ createTables: false });
      const missing = await failure(forbidden.prepare([view], never));
      expect([missing.failure, missing.retryable, missing.advice]).toEqual(["missing-keyspace", false, expect.stringContaining("CREATE KEYSPACE shop")]);
      await Promise.all(Array.from({ length: 5 }, () => store().prepare([view], never)));
      await forbidden.prepare([view], never);
      cassandra.drop("shop.plays");
      const again = await failure(store({ createTables: false }).prepare([view], never));
      expect([again.failure, again.retryable, again.advice]).toEqual(["missing-table", false, "create what the views need: millrace ddl --apply"]);
      expect((await failure(forbidden.write(view, partials([1], 1), expiresAt, never))).failure).toBe("missing-table");
      expect(await forbidden.schema!.apply([view], never)).toHaveLength(1);
    });

    it("are not those of others: a table of the view's name that Millrace did not make is left alone", async () => {
      const { cassandra, store } = world();
      const client = cassandra.client();
      await client.execute("CREATE KEYSPACE IF NOT EXISTS shop WITH replication = {'class': 'SimpleStrategy', 'replication_factor': '1'}", [], {});
      await client.execute("CREATE TABLE IF NOT EXISTS shop.plays (\n  id text,\n  note text,\n  PRIMARY KEY ((id))\n) WITH x AND comment = ''", [], {});
      await store().prepare([view], never);
      await store().write(view, partials([1], 1), expiresAt, never);
      expect(cassandra.select("shop.plays")).toEqual([]);
      expect(cassandra.select("shop.plays_00000000")).toHaveLength(1);
    });
  });

  it("writes batches of one partition, so many at a time, and never more than a node takes", async () => {
    const { cassandra, store } = world({ batchRows: 30, inFlight: 4 });
    const own = store();
    await own.prepare([view], never);
    await own.write(view, partials([0], 1), expiresAt, never);
    cassandra.batches.length = 0;
    cassandra.fault = async (_request, run) => {
      await new Promise(setImmediate);
      return run();
    };
    const many = partials(Array.from({ length: 400 }, (_, i) => i), 5);
    await own.write(view, many, expiresAt, never);
    expect(cassandra.batches).toEqual([...Array<number>(13).fill(30), 10]);
    expect(cassandra.mostWritesInFlight).toBe(4);
    cassandra.batches.length = 0;
    await own.write(view, { ...many, versions: many.versions.map(() => 6), cells: [...many.cells.slice(0, 3), many.cells[3]!.map(() => new Uint8Array(30_000))] }, expiresAt, never);
    expect(cassandra.batches).toEqual(Array<number>(134).fill(3).with(-1, 1));
    expect(await read(own)).toEqual(Array.from({ length: 400 }, (_, i) => [i, 6]));
  });

  it("keeps the newer of two rows, whatever their values are", async () => {
    const { cassandra, store } = world();
    const own = store();
    await own.prepare([view], never);
    const valued = (version: number, value: number): SegmentPartials => ({ ...partials([1], version), cells: [[value], [value], [value], [Uint8Array.of(value)]] });
    // Of equal timestamps the larger value would win.
    for (const [version, value] of [[1, 100], [2, 5], [1, 100]] as const) await own.write(view, valued(version, value), expiresAt, never);
    expect(cassandra.select("shop.plays").map(({ count, sketch }) => [count, sketch])).toEqual([[{ high: 0, low: 5 }, Buffer.of(5)]]);
    await own.write(view, { ...valued(1, 1), segment: { ...segment, logVersion: 1_025 } }, expiresAt, never);
    expect(await read(own)).toEqual([[1, 2]]);
  });

  it("pages through buckets of any size", async () => {
    const { store } = world();
    const own = store();
    await own.prepare([view], never);
    const keys = Array.from({ length: 5_500 }, (_, i) => i);
    await own.write(view, partials(keys, 1), expiresAt, never);
    expect(await read(own)).toEqual(keys.map((key) => [key, 1]));
  });

  it("makes rows that leave when they expire, and never before or never at all", async () => {
    const { cassandra, clock, store } = world();
    const own = store();
    await own.prepare([view], never);
    const expired = await failure(own.write(view, partials([1], 1), START, never));
    expect([expired.failure, expired.retryable]).toEqual(["invalid", false]);
    expect(cassandra.batches).toEqual([]);
    await own.write(view, partials([1], 1), START + 1, never);
    clock.set(START + 999);
    expect(await read(own)).toEqual([[1, 1]]);
    clock.set(START + 1_000);
    expect(await read(own)).toEqual([]);
    const noTime = partials([1], 1, { ...segment, partition: 5 });
    delete (noTime as { receivedAt?: number }).receivedAt;
    expect((await failure(own.write(view, noTime, expiresAt, never))).message).toContain("without the broker time of its first record");
  });

  describe("faults", () => {
    it("tells what may pass from what will not", async () => {
      const { cassandra, store } = world();
      const own = store();
      await own.prepare([view], never);
      const response = (code: number, message = "because"): Error => driverError("ResponseError", message, { code });
      const cases: readonly (readonly [Error, string, boolean])[] = [
        [driverError("OperationTimedOutError", "The host did not reply before timeout 5000 ms"), "timeout", true],
        [response(0x1100), "timeout", true],
        [response(0x1200), "timeout", true],
        [response(0x1000), "unavailable", true],
        [response(0x1001), "overloaded", true],
        [response(0x1500), "overloaded", true],
        [driverError("BusyConnectionError", "too many"), "overloaded", true],
        [driverError("NoHostAvailableError", "all", { innerErrors: { "a:1": new Error("connect ECONNREFUSED") } }), "unreachable", true],
        [driverError("NoHostAvailableError", "all", { innerErrors: { "a:1": new Error("connect ECONNREFUSED"), "b:1": driverError("AuthenticationError", "no") } }), "authentication", false],
        [new Error("socket hang up"), "unreachable", true],
        [response(0x0100), "authentication", false],
        [response(0x2100), "permission", false],
        [response(0x2200, "Keyspace 'shop' does not exist"), "missing-keyspace", true],
        [response(0x2200, "unconfigured table plays"), "missing-table", true],
        [response(0x2200, "Undefined column name x in table shop.plays"), "schema", true],
        [response(0x2200, "something else"), "invalid", false],
        [new TypeError("Expected Number"), "invalid", false],
      ];
      for (const [error, expected, retryable] of cases) {
        cassandra.fault = () => Promise.reject(error);
        const thrown = await failure(own.write(view, partials([1], 1), expiresAt, never));
        expect([thrown.failure, thrown.retryable, thrown.cause]).toEqual([expected, retryable, error]);
        expect(thrown.message).toMatch(/^writing rows of view "plays": /);
      }
    });

    it("a write that timed out may have happened; repeating it changes nothing", async () => {
      const { cassandra, store } = world();
      const own = store();
      await own.prepare([view], never);
      cassandra.fault = async (request, run) => {
        const result = run();
        if (request.kind === "write") throw driverError("OperationTimedOutError", "no answer");
        return result;
      };
      expect((await failure(own.write(view, partials([1, 2], 3), expiresAt, never))).retryable).toBe(true);
      cassandra.fault = undefined;
      await own.write(view, partials([1, 2], 3), expiresAt, never);
      expect(await read(own)).toEqual([[1, 3], [2, 3]]);
    });

    it("an aborted call returns at once, and its request keeps its place until it is answered", async () => {
      const { cassandra, store } = world({ inFlight: 2 });
      const own = store();
      await own.prepare([view], never);
      await own.write(view, partials([1], 1), expiresAt, never);
      const answers: (() => void)[] = [];
      cassandra.fault = (request, run) => (request.kind === "write" ? new Promise((resolve) => answers.push(() => resolve(run()))) : Promise.resolve(run()));
      const abort = new AbortController();
      const waiting = [own.write(view, partials([2], 2), expiresAt, abort.signal), own.write(view, partials([3], 2), expiresAt, abort.signal), own.write(view, partials([4], 2), expiresAt, abort.signal)];
      await expect.poll(() => answers.length).toBe(2);
      abort.abort(new Error("enough"));
      for (const each of waiting) await expect(each).rejects.toThrow("enough");
      const next = own.write(view, partials([5], 2), expiresAt, never);
      await new Promise(setImmediate);
      expect(answers).toHaveLength(2);
      for (const answer of answers.splice(0)) answer();
      await expect.poll(() => answers.length).toBe(1);
      answers[0]!();
      await next;
      expect(await read(own)).toEqual([[1, 1], [2, 2], [3, 2], [5, 2]]);
    });

    it("connects again after it could not", async () => {
      const { cassandra, store } = world();
      cassandra.setUp(0, false);
      const own = store();
      const away = await failure(own.prepare([view], never));
      expect([away.failure, away.retryable, away.message]).toEqual(["unreachable", true, expect.stringContaining("no node answered (127.0.0.1:9042): connect ECONNREFUSED")]);
      cassandra.setUp(0, true);
      await own.prepare([view], never);
    });
  });

  describe("consistency", () => {
    const progress = (until: number) => ({
      ...{ fingerprint: view.fingerprint, segment, previous: 0, until, sealed: false, version: until, records: until, events: until, filtered: 0, late: 0, deadLetters: 0 },
      ...{ minWindow: null, maxWindow: null, maxEventTime: null, receivedAt: START, crc: 0, coveredUntil: expiresAt, overlapping: true },
    });

    it("with two copies: writes wait for both, reads ask one, and what was read is never old", async () => {
      const { cassandra, store } = world({ nodes: 2, copies: 2 });
      const own = store();
      await own.prepare([view], never);
      await own.write(view, partials([1], 1), expiresAt, never);
      await own.writeProgress([progress(1)], never);
      expect(own.overlapping).toBe(true);
      cassandra.setUp(1, false);
      const away = await failure(own.write(view, partials([1], 2), expiresAt, never));
      expect([away.failure, away.retryable, away.message]).toEqual(["unavailable", true, 'writing rows of view "plays": 2 replicas are needed, 1 are up']);
      expect(await read(own)).toEqual([[1, 1]]);
      cassandra.setUp(1, true);
      await own.write(view, partials([1], 2), expiresAt, never);
      expect(await read(own)).toEqual([[1, 2]]);
      expect((await own.readProgress(view.fingerprint, "topic", never))[0]!.overlapping).toBe(true);
    });

    it("with two copies and availability chosen by name: writes go on, and every answer says that it may be old", async () => {
      const { cassandra, store } = world({ nodes: 2, copies: 2, consistency: "available" });
      const own = store();
      await own.prepare([view], never);
      expect(own.overlapping).toBe(false);
      cassandra.setUp(1, false);
      await own.write(view, partials([1], 2), expiresAt, never);
      await own.writeProgress([{ ...progress(2), overlapping: own.overlapping! }], never);
      cassandra.setUp(1, true);
      // The copy that was away has nothing yet: this is what the flag is for.
      expect(await store().readProgress(view.fingerprint, "topic", never)).toEqual([]);
      cassandra.hand(1);
      expect((await store().readProgress(view.fingerprint, "topic", never))[0]!.overlapping).toBe(false);
      expect((await store({ consistency: "exact" }).readProgress(view.fingerprint, "topic", never))[0]!.overlapping).toBe(false);
    });

    it("with three copies: quorums of both, also while one is away", async () => {
      const { cassandra, store } = world({ nodes: 3, copies: 3 });
      const own = store();
      await own.prepare([view], never);
      cassandra.setUp(2, false);
      await own.write(view, partials([1], 1), expiresAt, never);
      await own.writeProgress([progress(1)], never);
      cassandra.setUp(2, true);
      expect(await read(own)).toEqual([[1, 1]]);
      expect((await own.readProgress(view.fingerprint, "topic", never))[0]!.overlapping).toBe(true);
      // The reader decides too: one that asks one copy alone may miss what a quorum wrote.
      expect((await store({ consistency: "available" }).readProgress(view.fingerprint, "topic", never)).every(({ overlapping }) => !overlapping)).toBe(true);
    });

    it("refuses a data center without copies", async () => {
      const { store } = world();
      await store().prepare([view], never);
      const { cassandra } = world();
      const client = cassandra.client();
      await client.execute("CREATE KEYSPACE IF NOT EXISTS shop WITH replication = {'class': 'NetworkTopologyStrategy', 'far': '3'}", [], {});
      const elsewhere = cassandraStore({ client: cassandra.client(), keyspace: "shop", clock: simulatedClock(START) });
      expect((await failure(elsewhere.prepare([view], never))).message).toContain('it has no replicas in data center "datacenter1"');
    });
  });

  it("refuses settings that cannot be", () => {
    const { store } = world();
    expect(() => store({ shards: 0 })).toThrow("shards is 0, a positive integer is needed");
    expect(() => store({ bucketMs: 1_500 })).toThrow("bucketMs / 1,000 is 1.5");
    expect(() => store({ batchRows: 2.5 })).toThrow(RangeError);
  });
});
