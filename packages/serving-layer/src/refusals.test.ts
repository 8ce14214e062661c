import { CURRENT_PATH, FIRST_LOG_VERSION, GridMismatchError, UnknownTopicError, UnreadableFileError, count, defineStream, defineView, gridRecordPath, type ViewStore } from "@millrace/core";
import { describe, expect, it } from "vitest";
import { UnservableError, type UnservableReason } from "./chain/unservable-error.js";
import { createServing } from "./serving.js";
import { noEngine } from "./testing/no-engine.js";
import { plays, songs, totals, type Play } from "./testing/plays.js";
import { DAY_MS, NOON, createWorld, filesIn, signal, type World } from "./testing/world.js";

const HOUR = 3_600_000;
const range = { from: NOON, until: NOON + HOUR };
const view = songs.definition;
const VERSION = FIRST_LOG_VERSION;

/** Ten plays of one partition, a minute apart, at offsets 0 to 9. */
const events = Array.from({ length: 10 }, (_, i): Play => ({ partition: 0, offset: i, ts: NOON + i * 60_000, late: i === 3, song: "s", artist: "a", paid: false, seconds: 100, userId: null }));
const total = { ...range, by: [], granularity: "all" } as const;

async function world(partitions = 1): Promise<World> {
  const made = await createWorld(filesIn("/nowhere"), noEngine, partitions);
  made.place(events);
  return made;
}
const serve = (of: World, store: ViewStore = of.store) => createServing({ ...of, store, views: [songs] });
const ask = (of: World, more: { readonly allowIncomplete?: boolean } = {}, store?: ViewStore) => serve(of, store).query(songs, { ...total, ...more });

async function refused(asking: Promise<unknown>, reason: UnservableReason, ranges: readonly object[]): Promise<UnservableError> {
  const error = await asking.then(
    () => expect.fail("it was answered"),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(UnservableError);
  expect((error as UnservableError).reason).toBe(reason);
  expect((error as UnservableError).ranges).toEqual(ranges.map((one) => ({ topic: "plays", logVersion: VERSION, partition: 0, reason, ...one })));
  return error as UnservableError;
}

const first = { partition: 0, first: 0, previous: 0, until: 4, sealed: true };
const second = { partition: 0, first: 4, previous: 4, until: 8, sealed: true };
const third = { partition: 0, first: 8, previous: 8, until: 10, sealed: false };

describe("an answer that would be smaller than the truth is refused", () => {
  it("when a segment of the chain is not there", async () => {
    const of = await world();
    await of.speed(view, events, first);
    await of.speed(view, events, third);
    const error = await refused(ask(of), "broken-chain", [{ from: 4, until: 10 }]);
    expect(error.retryable).toBe(true);
    const answer = await ask(of, { allowIncomplete: true });
    expect(answer.rows).toMatchObject([{ plays: 4 }]);
    expect(answer.envelope).toMatchObject({ complete: false, asOf: [{ offset: 4 }], missing: [{ from: 4, until: 10, reason: "broken-chain" }], behind: 6 });
    await of.speed(view, events, second);
    expect((await ask(of)).rows).toMatchObject([{ plays: 10 }]);
  });

  it("when the first segment does not begin at the origin", async () => {
    const of = await world();
    await of.speed(view, events, { ...second, previous: 3 });
    await refused(ask(of), "broken-chain", [{ from: 0, until: 8 }]);
  });

  it("when a sealed segment is followed by one that says another predecessor", async () => {
    const of = await world();
    await of.speed(view, events, first);
    await of.speed(view, events, { ...second, previous: 3 });
    await refused(ask(of), "broken-chain", [{ from: 4, until: 8 }]);
  });

  it("when an unsealed segment is followed by another", async () => {
    const of = await world();
    await of.speed(view, events, { ...first, sealed: false });
    await of.speed(view, events, second);
    await refused(ask(of), "broken-chain", [{ from: 4, until: 8 }]);
  });

  it("when rows have expired, at the very millisecond", async () => {
    const of = await world();
    const coveredUntil = of.clock.now() + 1;
    await of.speed(view, events, { ...first, coveredUntil });
    await of.speed(view, events, second);
    expect((await ask(of)).rows).toMatchObject([{ plays: 8 }]);
    of.clock.set(coveredUntil);
    await refused(ask(of), "expired", [{ from: 0, until: 8 }]);
    const answer = await ask(of, { allowIncomplete: true });
    expect(answer.rows).toEqual([]);
    expect(answer.envelope).toMatchObject({ complete: false, missing: [{ from: 0, until: 8, reason: "expired" }] });
  });

  it("when the last rows have expired, although no live row speaks of them", async () => {
    const of = await world();
    await of.speed(view, events, first);
    await of.speed(view, events, { ...second, coveredUntil: of.clock.now() });
    await refused(ask(of), "expired", [{ from: 4, until: 8 }]);
  });

  it("when rows expire while they are read", async () => {
    const of = await world();
    const coveredUntil = of.clock.now() + 10;
    await of.speed(view, events, { ...first, coveredUntil });
    await of.speed(view, events, second);
    const slow: ViewStore = {
      ...of.store,
      async *read(request, aborted) {
        yield* of.store.read(request, aborted);
        of.clock.set(coveredUntil);
      },
    };
    await refused(ask(of, {}, slow), "expired", [{ from: 0, until: 4 }]);
    of.clock.set(coveredUntil - 10);
    expect((await ask(of, { allowIncomplete: true }, slow)).envelope).toMatchObject({ complete: false, missing: [{ from: 0, until: 4, reason: "expired" }] });
  });

  it("when nobody recorded where the partition began", async () => {
    const of = await world();
    await of.speed(view, events, first);
    await of.files.remove(gridRecordPath("plays", 0), signal);
    await refused(ask(of), "missing-origin", [{ from: 0, until: null }]);
  });

  it("when the log was trimmed above what was read", async () => {
    const of = await world();
    await of.speed(view, events, first);
    of.log.trim("plays", 0, 4);
    expect((await ask(of)).rows).toMatchObject([{ plays: 4 }]);
    of.log.trim("plays", 0, 5);
    await refused(ask(of), "trimmed", [{ from: 4, until: 5 }]);
  });

  it("when the log ends below what was read", async () => {
    const of = await world();
    await of.speed(view, events, first);
    of.log.truncate("plays", 0, 3);
    await refused(ask(of), "truncated", [{ from: 3, until: 4 }]);
  });

  it("when the store cannot be read", async () => {
    const of = await world();
    await of.speed(view, events, first);
    const cause = new Error("connection refused");
    const down = { ...of.store, readProgress: () => Promise.reject(cause) };
    const error = await refused(ask(of, {}, down), "store-unreachable", []);
    expect(error).toMatchObject({ cause, retryable: true });
    expect((await ask(of, { allowIncomplete: true }, down)).envelope).toMatchObject({ complete: false, missing: [{ from: 0, until: null, reason: "store-unreachable" }] });
    const half: ViewStore = {
      ...of.store,
      async *read() {
        throw cause;
      },
    };
    expect(await refused(ask(of, {}, half), "store-unreachable", [])).toMatchObject({ cause });
  });

  it("when the generation was built from another definition, or without the view", async () => {
    const of = await world();
    const changed = defineView({ name: "songs", from: plays, by: ["artist"], every: "minute", measures: () => ({ plays: count() }) });
    await of.publish([changed.definition], [], { plays: [{ partition: 0, logVersion: VERSION, offset: 4 }] });
    await of.speed(view, events, second);
    await refused(ask(of), "fingerprint-changed", [{ from: 0, until: 4 }]);
    const answer = await ask(of, { allowIncomplete: true });
    expect(answer.rows).toMatchObject([{ plays: 4 }]);
    expect(answer.envelope).toMatchObject({ complete: false, generation: 1, missing: [{ from: 0, until: 4, reason: "fingerprint-changed" }] });
    await of.publish([totals.definition], [], { plays: [{ partition: 0, logVersion: VERSION, offset: 4 }] });
    await refused(ask(of), "not-built", [{ from: 0, until: 4 }]);
  });

  it("when the partition was cut on another grid", async () => {
    const of = await world();
    await of.speed(view, events, first);
    await expect(createServing({ ...of, views: [songs], grid: { segmentOffsets: 500, segmentMs: 900_000 } }).query(songs, total)).rejects.toBeInstanceOf(GridMismatchError);
    await expect(createServing({ ...of, views: [songs], grid: { segmentOffsets: 1_000, segmentMs: 1 } }).query(songs, total)).rejects.toBeInstanceOf(GridMismatchError);
    expect((await createServing({ ...of, views: [songs], grid: { segmentOffsets: 1_000, segmentMs: 900_000 } }).query(songs, total)).rows).toMatchObject([{ plays: 4 }]);
  });

  it("when a row lies beyond the end of its sealed segment, also for those who take incomplete answers", async () => {
    const of = await world();
    await of.speed(view, events, { ...first, until: 8, sealed: false });
    // The same id, sealed short of what was written under it.
    await of.store.writeProgress([{ ...(await of.speed(view, [], { ...first, until: 7, sealed: true })), version: 99, minWindow: NOON, maxWindow: NOON + HOUR }], signal);
    await of.speed(view, events, { partition: 0, first: 7, previous: 7, until: 10, sealed: false });
    await refused(ask(of), "row-beyond-segment", []);
    await refused(ask(of, { allowIncomplete: true }), "row-beyond-segment", []);
  });

  it("when the pointer or its generation is torn", async () => {
    const of = await world();
    await of.files.replace(CURRENT_PATH, new TextEncoder().encode("7\n"), signal);
    await expect(ask(of)).rejects.toBeInstanceOf(UnreadableFileError);
  });

  it("when the log says a lower version than the cut", async () => {
    const of = await world();
    await of.publish([view], [], { plays: [{ partition: 0, logVersion: VERSION + 1, offset: 4 }] });
    await expect(ask(of)).rejects.toMatchObject({ reason: "log-version", ranges: [{ logVersion: VERSION + 1, from: 4, until: null }] });
  });

  it("when there is no such topic", async () => {
    const of = await world();
    const other = defineView({ name: "other", from: defineStream({ topic: "nowhere", columns: plays.columns, eventTime: "ts" }), by: [], every: "hour", measures: () => ({ plays: count() }) });
    await expect(createServing({ ...of, views: [other] }).query("other", range)).rejects.toBeInstanceOf(UnknownTopicError);
  });
});

describe("an answer that may lack records says so", () => {
  it("when nobody has read a partition yet", async () => {
    const of = await world(2);
    await of.speed(view, events, first);
    expect((await ask(of)).envelope).toMatchObject({ complete: true, asOf: [{ partition: 0, offset: 4 }, { partition: 1, offset: 0 }] });
    of.log.place("plays", 1, [{ value: "{}" }]);
    expect((await ask(of)).envelope).toMatchObject({ complete: false, provisional: true, watermark: null, missing: [{ partition: 1, from: 0, until: 1, reason: "unread" }] });
  });

  it("when no process has read the topic yet", async () => {
    const of = await world();
    await of.files.remove(gridRecordPath("plays", 0), signal);
    const answer = await ask(of);
    expect(answer.rows).toEqual([]);
    expect(answer.envelope).toMatchObject({ generation: 0, complete: false, missing: [{ from: 0, until: 10, reason: "unread" }] });
  });

  it("when a worker is in a gap that no generation has closed", async () => {
    const of = await world();
    await of.speed(view, events, first);
    const heartbeat = { topic: "plays", partition: 0, worker: "w", at: of.clock.now(), position: 4 };
    await of.store.writeHeartbeat({ ...heartbeat, gap: { from: 4, until: 6, reason: "expired" } }, signal);
    expect((await ask(of)).envelope).toMatchObject({ complete: false, missing: [{ from: 4, until: 6, reason: "worker-gap" }] });
    await of.publish([view], [], { plays: [{ partition: 0, logVersion: VERSION, offset: 6 }] });
    expect((await ask(of)).envelope).toMatchObject({ complete: true, asOf: [{ offset: 6 }] });
    await of.store.writeHeartbeat({ ...heartbeat, gap: { from: 6, until: null, reason: "trimmed" } }, signal);
    expect((await ask(of)).envelope).toMatchObject({ complete: false, missing: [{ from: 6, until: null, reason: "worker-gap" }] });
    // Another worker has taken the partition over.
    await of.store.writeHeartbeat({ ...heartbeat, worker: "v", at: of.clock.now() + 60_001 }, signal);
    expect((await ask(of)).envelope.complete).toBe(true);
  });

  it("and tells operators once", async () => {
    const of = await world();
    const told: unknown[] = [];
    const serving = createServing({ ...of, views: [songs], telemetry: (event) => told.push(event) });
    await of.speed(view, events, { ...first, overlapping: false });
    for (let i = 0; i < 3; i++) await serving.query(songs, total);
    expect(told).toEqual([{ type: "Warning", code: "INCOMPLETE_ANSWER", message: 'answers from view "songs" lack records: not-overlapping at plays/v1024-p0 from 0' }]);
  });

  it("when reads may miss writes", async () => {
    const of = await world();
    await of.speed(view, events, { ...first, overlapping: false });
    expect((await ask(of)).envelope).toMatchObject({ complete: false, missing: [{ from: 0, until: 4, reason: "not-overlapping" }] });
  });

  it("tells a dead worker from an idle one", async () => {
    const of = await world();
    await of.speed(view, events, first);
    await of.store.writeHeartbeat({ topic: "plays", partition: 0, worker: "w", at: of.clock.now() - 5_000, position: 4 }, signal);
    expect((await ask(of)).envelope).toMatchObject({ complete: true, behind: 6, staleMs: 5_000 });
    await of.speed(view, events, second);
    await of.speed(view, events, third);
    expect((await ask(of)).envelope).toMatchObject({ complete: true, behind: 0, staleMs: 0 });
  });
});

describe("what is not on the chain does not count", () => {
  it("rows of a segment that a manifest ended elsewhere", async () => {
    const of = await world();
    // A zombie wrote 0 to 7 as one open segment; the manifest ended it at 4 and the living worker followed.
    await of.speed(view, events, { ...first, until: 7, sealed: false });
    await of.speed(view, events, { ...first, end: 4 });
    // The zombie's path reaches furthest until the other is written.
    const before = await ask(of);
    expect([before.rows, before.envelope.asOf]).toMatchObject([[{ plays: 7 }], [{ offset: 7 }]]);
    await of.speed(view, events, second);
    await of.speed(view, events, third);
    const answer = await ask(of);
    expect(answer.rows).toMatchObject([{ plays: 10 }]);
    expect(answer.envelope).toMatchObject({ asOf: [{ offset: 10 }], complete: true, late: 1 });
  });

  it("rows of another definition of the view", async () => {
    const of = await world();
    await of.speed(view, events, first);
    await of.speed({ ...view, fingerprint: "0000000000000000" }, events, second);
    expect((await ask(of)).rows).toMatchObject([{ plays: 4 }]);
  });

  it("rows of segments below the cut", async () => {
    const of = await world();
    await of.speed(view, events, first);
    await of.speed(view, events, second);
    await of.publish([view], [], { plays: [{ partition: 0, logVersion: VERSION, offset: 4 }] });
    expect((await ask(of)).rows).toMatchObject([{ plays: 4 }]);
  });
});

describe("positions carry the version of the log", () => {
  it("and what a topic held before it was created again still counts", async () => {
    const of = await world();
    await of.speed(view, events, first);
    of.log.recreate("plays");
    of.place(events.slice(0, 3));
    await of.speed(view, events, { ...first, until: 3, sealed: false, logVersion: VERSION + 1 });
    const answer = await ask(of);
    expect(answer.rows).toMatchObject([{ plays: 7 }]);
    expect(answer.envelope.asOf).toEqual([
      { topic: "plays", logVersion: VERSION, partition: 0, offset: 4 },
      { topic: "plays", logVersion: VERSION + 1, partition: 0, offset: 3 },
    ]);
    // A generation above the new version's start holds the old one whole.
    await of.publish([view], [], { plays: [{ partition: 0, logVersion: VERSION + 1, offset: 0 }] });
    expect((await ask(of)).rows).toMatchObject([{ plays: 3 }]);
  });
});

describe("nothing is read that no answer needs", () => {
  it("a range that no live segment touches reads no row", async () => {
    const of = await world();
    await of.speed(view, events, first);
    const serving = serve(of);
    const past = await serving.query(songs, { from: NOON - DAY_MS, until: NOON });
    expect(past.rows).toEqual([]);
    expect(past.envelope).toMatchObject({ complete: true, provisional: false, asOf: [{ offset: 4 }] });
    expect(of.calls).toEqual({ rows: 0, progress: 1, sql: [] });
    await serving.query(songs, { from: NOON + 3 * 60_000, until: NOON + HOUR });
    expect(of.calls.rows).toBe(1);
    await serving.query(songs, { from: NOON + 4 * 60_000, until: NOON + HOUR });
    expect(of.calls.rows).toBe(1);
  });
});

describe("asking stops", () => {
  it("when the caller aborts, and after close", async () => {
    const of = await world();
    await of.speed(view, events, first);
    const serving = serve(of);
    const reason = new Error("enough");
    await expect(serving.query(songs, range, AbortSignal.abort(reason))).rejects.toBe(reason);
    const stopping = new AbortController();
    const hanging: ViewStore = {
      ...of.store,
      readProgress: (_fingerprint, _topic, aborted) =>
        new Promise((_, reject) => {
          aborted.addEventListener("abort", () => reject(new Error("driver says no")));
          stopping.abort(reason);
        }),
    };
    await expect(serve(of, hanging).query(songs, range, stopping.signal)).rejects.toBe(reason);
    await serving.close();
    await serving.close();
    await expect(serving.query(songs, range)).rejects.toMatchObject({ code: "CLOSED" });
  });
});

