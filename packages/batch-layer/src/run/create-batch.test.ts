import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import {
  avg,
  boolean,
  CURRENT_PATH,
  count,
  countDistinct,
  decimal,
  defineMeasure,
  defineModel,
  defineStream,
  defineView,
  generationPath,
  int64,
  max,
  min,
  planStreams,
  quantile,
  ratio,
  readCurrent,
  sql,
  sum,
  text,
  timestamp,
  type Generation,
} from "@millrace/core";
import { faultPlan, faulty } from "@millrace/core/testing";
import { belowCutOf, foldEvents, openWarehouse, published, readTable, rowsOf, shown, signal, type Warehouse } from "../testing/warehouse.js";

const plays = defineStream({
  topic: "plays",
  columns: { ts: timestamp("ms"), user: int64("bigint").optional(), song: text().optional(), price: decimal(2), paid: boolean().optional(), at: timestamp("iso").optional() },
  eventTime: "ts",
});
const longest = defineMeasure({
  name: "longest",
  input: [text().optional()],
  zero: () => 0,
  add: (n, song) => Math.max(n, song?.length ?? 0),
  merge: (a, b) => Math.max(a, b),
  present: (n) => n,
  encode: (n) => Uint8Array.of(n),
  decode: (bytes) => bytes[0] ?? 0,
});
const bySong = defineView({
  name: "by_song",
  from: plays,
  by: ["song", "paid"],
  every: "minute",
  measures: (c) => ({
    n: count(),
    seconds: sum(c.price),
    ids: sum(c.user),
    users: countDistinct(c.user),
    songs: countDistinct(c.song),
    median: quantile(c.price, 0.5),
    first: min(c.ts),
    dearest: max(c.price),
    mean: avg(c.price),
    paid_n: count().where(c.paid.eq(true)),
    share: ratio(count().where(c.paid.eq(true)), count()),
    cheap_users: countDistinct(c.user).where(c.price.lt(2)),
  }),
});
const hourly = defineView({ name: "hourly", from: plays, where: (c) => c.song.isNotNull(), by: [], every: "hour", measures: (c) => ({ n: count(), last: max(c.at) }) });
const byPrice = defineView({ name: "by_price", from: plays, by: ["price", "at", "user"], every: "hour", measures: (c) => ({ longest: longest(c.song), n: count(), users: countDistinct(c.user) }) });
const views = [bySong.definition, hourly.definition, byPrice.definition];

const START = Date.UTC(2024, 1, 28, 23, 0);
const HOUR = 3_600_000;
const grid = { segmentOffsets: 15, segmentMs: 600_000 };

const open: Warehouse[] = [];
const warehouse = (models: Parameters<typeof openWarehouse>[0]["models"] = [], of = views): Warehouse => {
  const made = openWarehouse({ views: of, models: models ?? [], grid, partitions: 2, startMs: START });
  open.push(made);
  return made;
};
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

const play = (i: number, ts: number) => ({
  ts: new Date(ts),
  user: i % 4 === 0 ? null : BigInt(i % 7),
  song: i % 5 === 0 ? null : `Søng ${i % 3}`,
  price: (i % 9) / 4 - 1,
  paid: i % 6 === 0 ? null : i % 2 === 0,
  at: i % 3 === 0 ? null : new Date(ts - (i % 2) * HOUR),
});

/** Records every minute; every seventh is two days late. */
function fill(w: Warehouse, from: number, records: number): void {
  for (let i = from; i < from + records; i++) {
    const appendedAt = START + i * 60_000;
    w.append(i % 3 === 0 ? 1 : 0, i % 11 === 5 ? undefined : play(i, appendedAt - (i % 7 === 3 ? 2 * 24 * HOUR : 0)), { appendedAt });
  }
  w.clock.set(START + (from + records) * 60_000 + 2 * HOUR);
}

async function expectExact(w: Warehouse, generation: Generation, of = views): Promise<void> {
  for (const view of of) {
    expect(await readTable(w, view, generation)).toEqual(shown(foldEvents(view, belowCutOf(generation, "plays", w.placed))));
  }
}

describe("createBatch", () => {
  it("computes every view as a plain fold over the log below the cut, run after run, and fully rebuilt the same", async () => {
    const step = fc.record({
      gap: fc.constantFrom(0, 0, 0, 1, 20),
      moves: fc.constantFrom(0, 5_000, 60_000, 700_000, -20_000, 3 * HOUR),
      late: fc.constantFrom(0, 0, 90_000, 30 * HOUR, 400 * HOUR),
      partition: fc.constantFrom(0, 0, 1),
      broken: fc.constantFrom(false, false, false, false, true),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(step, { maxLength: 40 }), { minLength: 1, maxLength: 3 }), async (rounds) => {
        const w = warehouse();
        let now = START;
        let i = 0;
        for (const round of rounds) {
          for (const { gap, moves, late, partition, broken } of round) {
            now += moves;
            i++;
            w.append(partition, broken ? undefined : play(i, now - late), { gap, appendedAt: now });
          }
          w.clock.set(Math.max(w.clock.now(), now + 11 * 60_000));
          await w.ingest();
          await w.speed();
          const result = await w.batch().run({}, signal);
          if ("unchanged" in result) continue;
          await expectExact(w, result);
          if (result.number > 1) expect(result.drift.map(({ status }) => status)).toEqual(["none", "none", "none"]);
        }
        const current = await readCurrent(w.files, signal);
        if (current === null) return;
        const full = published(await w.batch().run({ full: true }, signal));
        for (const view of views) expect(await readTable(w, view, full)).toEqual(await readTable(w, view, current));
        expect(full.cut).toEqual(current.cut);
        await w.close();
        open.splice(open.indexOf(w), 1);
      }),
      { numRuns: 6 },
    );
  });

  it("publishes nothing when nothing changed, and rebuilds only the dates that did", async () => {
    const w = warehouse();
    fill(w, 0, 100);
    await w.ingest();
    expect(await w.batch().run({}, signal)).toMatchObject({ number: 1, parent: null, kind: "incremental" });
    expect(await w.batch().run({}, signal)).toMatchObject({ unchanged: true, current: { number: 1 } });
    // One record of the day after, and nothing late.
    w.append(0, play(1, START + 30 * HOUR), { appendedAt: START + 30 * HOUR });
    w.clock.set(START + 32 * HOUR);
    await w.ingest();
    const plan = await w.batch().plan({}, signal);
    expect(plan.tables.map(({ name, reason, build }) => [name, reason, build])).toEqual([
      ["by_song", "changed", ["2024-03-01"]],
      ["hourly", "changed", ["2024-03-01"]],
      ["by_price", "changed", ["2024-03-01"]],
    ]);
    expect(plan.tables[2]!.folded).toEqual({ "2024-03-01": 'measure "longest" has no SQL' });
    const second = published(await w.batch().run({}, signal));
    expect(Object.entries(second.tables[0]!.versions).map(([date, { version }]) => [date, version])).toEqual([
      ["2024-02-26", "1-0"], ["2024-02-27", "1-0"], ["2024-02-28", "1-0"], ["2024-02-29", "1-0"], ["2024-03-01", "2-0"],
    ]);
    await expectExact(w, second);
  });

  it("rebuilds every date of a view whose declaration changed, also from files that lack its coordinates", async () => {
    const w = warehouse();
    fill(w, 0, 60);
    await w.ingest();
    published(await w.batch().run({}, signal));
    const changed = defineView({ name: "hourly", from: plays, by: ["song"], every: "hour", measures: (c) => ({ n: count(), when: countDistinct(c.at) }) }).definition;
    const plans = planStreams([bySong.definition, changed]);
    const batch = w.batch({ views: [bySong.definition, changed], plans });
    const plan = await batch.plan({}, signal);
    expect(plan.tables.map(({ reason, build }) => [reason, build.length])).toEqual([["none", 0], ["stale", 2]]);
    expect(Object.values(plan.tables[1]!.folded)).toEqual(Array<string>(2).fill('files lack the coordinate "_hll12_at"'));
    expect(plan.removed).toEqual(["by_price"]);
    const generation = published(await batch.run({}, signal));
    expect(await readTable(w, changed, generation)).toEqual(shown(foldEvents(changed, belowCutOf(generation, "plays", w.placed))));
    expect(generation.tables.map(({ name }) => name)).toEqual(["by_song", "hourly"]);
    expect(generation.drift).toEqual([
      { view: "by_song", status: "none", rowsCompared: 0 },
      { view: "hourly", status: "not-comparable", reason: 'the speed layer covers "plays/v1024-p0" up to 0 of [0, 40)' },
    ]);
  });

  it("reads the records again where their stream is declared anew, whatever they were, and refuses to lose events unless told to", async () => {
    const w = warehouse();
    fill(w, 0, 60);
    await w.ingest();
    published(await w.batch().run({}, signal));
    const declare = (columns: object, more: object = {}) => defineStream({ topic: "plays", columns: { ...plays.columns, ...columns }, eventTime: "ts", ...more });
    // `at` was an optional timestamp; now its text is wanted, and there is a column that nobody ingested.
    const anew = declare({ at: text().optional(), noted: text().optional().at("at") });
    const viewOf = (stream: ReturnType<typeof declare>) => defineView({ name: "hourly", from: stream, by: ["at"], every: "hour", measures: (c) => ({ n: count(), songs: countDistinct(c.song) }) }).definition;
    const batchOf = (stream: ReturnType<typeof declare>) => w.batch({ views: [viewOf(stream)], plans: planStreams([viewOf(stream)]) });
    const run = (stream: ReturnType<typeof declare>, acceptDeadLetters = false) => batchOf(stream).run({ acceptDeadLetters }, signal);
    const segments = (await w.files.list("master/plays/_manifests", signal)).length;
    expect((await batchOf(anew).plan({}, signal)).readAgain).toEqual({ plays: segments });
    const generation = published(await run(anew));
    const asText = w.placed.map((event) => (event.row === undefined ? event : { ...event, row: { ...event.row, at: (event.row["at"] as Date | null)?.toISOString() ?? null, noted: null } }));
    expect(await readTable(w, viewOf(anew), generation)).toEqual(shown(foldEvents(viewOf(anew), belowCutOf(generation, "plays", asText))));
    expect((await batchOf(anew).plan({}, signal)).readAgain).toEqual({});

    // Records without a song become dead letters.
    const strict = declare({ song: text() });
    await expect(run(strict)).rejects.toMatchObject({ code: "STREAM_CHANGED", message: expect.stringMatching(/was an event and is none now: .*"song"/) as string });
    expect(await readCurrent(w.files, signal)).toEqual(generation);
    const without = published(await run(strict, true));
    const sung = w.placed.map((event) => (event.row === undefined || event.row["song"] !== null ? event : { ...event, row: undefined }));
    expect(await readTable(w, viewOf(strict), without)).toEqual(shown(foldEvents(viewOf(strict), belowCutOf(without, "plays", sung))));
    expect(w.events).toContainEqual(expect.objectContaining({ code: "STREAM_CHANGED", message: expect.stringMatching(/, 0 dead letters of "plays" are events and \d+ events are dead letters/) as string }));

    // Late records move to the date when they came.
    const received = declare({ ts: timestamp("ms").fromAppendedAt() });
    const moved = published(await run(received));
    const asReceived = w.placed.map((event) => (event.row === undefined ? event : { ...event, row: { ...event.row, ts: new Date(event.appendedAt) } }));
    expect(await readTable(w, viewOf(received), moved)).toEqual(shown(foldEvents(viewOf(received), belowCutOf(moved, "plays", asReceived))));
    expect(Object.keys(moved.tables[0]!.versions)).toEqual(["2024-02-28"]);
    // And back: what the first declaration wrote is still there, and its table as well.
    const back = published(await w.batch({ views: [hourly.definition], plans: planStreams([hourly.definition]) }).run({}, signal));
    await expectExact(w, back, [hourly.definition]);
    expect(Object.values(back.tables[0]!.versions).map(({ version }) => version)).toEqual(["1-0", "1-0"]);
  });

  it("cuts before an instant, waits until every partition is known that far, and gives the same cut again", async () => {
    const w = warehouse();
    fill(w, 0, 100);
    const cutAt = START + 60 * 60_000;
    await expect(w.batch().run({ cutAt, deadlineMs: 0 }, signal)).rejects.toMatchObject({ code: "CUT_NOT_REACHED", partitions: ['"plays/v1024-p0"', '"plays/v1024-p1"'] });
    await w.ingest();
    const first = published(await w.batch().run({ cutAt }, signal));
    expect(belowCutOf(first, "plays", w.placed)).toEqual(w.placed.filter(({ appendedAt }) => appendedAt < cutAt));
    await expectExact(w, first);
    const everything = published(await w.batch().run({}, signal));
    await expectExact(w, everything);
    // Back again: the cut moves in the other direction, and dates lose records.
    fill(w, 100, 5);
    await w.ingest();
    const again = published(await w.batch().run({ cutAt }, signal));
    expect(again.cut).toEqual(first.cut);
    expect(again.drift.map(({ status }) => status)).toEqual(["not-comparable", "not-comparable", "not-comparable"]);
    for (const view of views) expect(await readTable(w, view, again)).toEqual(await readTable(w, view, first));
    expect(await w.batch().run({ cutAt }, signal)).toMatchObject({ unchanged: true });
    await expect(w.batch().run({ cutAt: cutAt + 1 }, signal)).rejects.toMatchObject({ code: "RUN_OPTION" });
  });

  it("told to go forward only, keeps the cut where the current generation reaches further", async () => {
    const w = warehouse();
    fill(w, 0, 100);
    await w.ingest();
    const [early, late] = [START + 30 * 60_000, START + 60 * 60_000];
    const first = published(await w.batch().run({ cutAt: late, forwardOnly: true }, signal));
    expect(belowCutOf(first, "plays", w.placed)).toEqual(w.placed.filter(({ appendedAt }) => appendedAt < late));
    expect(first.cutAt).toBe(late);

    expect(await w.batch().plan({ cutAt: early, forwardOnly: true }, signal)).toMatchObject({ unchanged: true, cut: first.cut, cutAt: null });
    expect(await w.batch().run({ cutAt: early, forwardOnly: true }, signal)).toEqual({ unchanged: true, current: first });
    // What is asked for besides is done, where the cut is.
    const full = published(await w.batch().run({ cutAt: early, forwardOnly: true, full: true }, signal));
    expect([full.number, full.kind, full.cut, full.cutAt]).toEqual([2, "full", first.cut, null]);
    await expectExact(w, full);

    const everything = published(await w.batch().run({ forwardOnly: true }, signal));
    expect(everything.number).toBe(3);
    await expectExact(w, everything);
    // Without the word it goes back, as ever.
    expect(published(await w.batch().run({ cutAt: early }, signal)).cutAt).toBe(early);
  });

  it("publishes nothing when a file has other rows than its manifest says, and names the partition", async () => {
    const w = warehouse();
    fill(w, 0, 60);
    await w.ingest();
    const first = published(await w.batch().run({}, signal));
    fill(w, 60, 60);
    await w.ingest();
    const listed = (await w.files.list("master/plays/date=2024-02-29", signal)).map(({ path }) => path);
    const [lost, kept] = [listed.filter((path) => path.includes("-p0-")).at(-1)!, listed.find((path) => path.includes("-p1-"))!];
    const writer = await w.files.write(lost, signal);
    await writer.write(await w.files.read(kept, signal));
    await writer.commit();
    await expect(w.batch().run({}, signal)).rejects.toMatchObject({ code: "CHECK_FAILED", check: "plays: rows of 2024-02-29 as in the manifests" });
    expect(await readCurrent(w.files, signal)).toEqual(first);
    await w.files.remove(lost, signal);
    await expect(w.batch().run({}, signal)).rejects.toMatchObject({ code: "SQL" });
    expect(await readCurrent(w.files, signal)).toEqual(first);
    expect(w.events.filter(({ type }) => type === "RunFailed")).toHaveLength(2);
  });

  it("finds drift, names it, and publishes nothing", async () => {
    const w = warehouse();
    fill(w, 0, 60);
    await w.ingest();
    await w.speed();
    const first = published(await w.batch().run({}, signal));
    fill(w, 60, 30);
    await w.ingest();
    await w.speed();
    // The speed layer counted an event of one more window twice.
    const view = hourly.definition;
    const progress = (await w.store.readProgress(view.fingerprint, "plays", signal)).filter(({ minWindow }) => minWindow !== null).at(-1)!;
    const wrong = { segment: progress.segment, length: 1, windows: Float64Array.of(progress.minWindow!), dimensions: [], cells: [[999], [null]], versions: Float64Array.of(progress.until + 1) };
    await w.store.write(view, wrong, progress.coveredUntil, signal);
    await expect(w.batch().run({}, signal)).rejects.toMatchObject({ code: "DRIFT", views: ["hourly"] });
    expect(await readCurrent(w.files, signal)).toEqual(first);
    // Without the speed layer there is nothing to compare with.
    const { store: _, ...withoutStore } = { store: undefined };
    const alone = published(await w.batch({ ...withoutStore, store: undefined as never }).run({}, signal));
    expect(alone.drift.map(({ status }) => status)).toEqual(["not-comparable", "not-comparable", "not-comparable"]);
    expect((await w.batch().reconcile(signal)).map(({ view: name, status }) => [name, status])).toEqual([["by_song", "none"], ["hourly", "list"], ["by_price", "none"]]);
  });

  it("lets one of two runs win, and completes a switch that a dead run left", async () => {
    const w = warehouse([], [hourly.definition]);
    fill(w, 0, 60);
    await w.ingest();
    const results = await Promise.allSettled([w.batch().run({}, signal), w.batch().run({}, signal)]);
    const won = results.flatMap((result) => (result.status === "fulfilled" ? [published(result.value)] : []));
    const lost = results.flatMap((result) => (result.status === "rejected" ? [result.reason as unknown] : []));
    expect(won).toHaveLength(1);
    expect(lost).toMatchObject([{ code: "PUBLICATION_LOST", number: 1, retryable: true }]);
    expect(await readCurrent(w.files, signal)).toEqual(won[0]);

    fill(w, 60, 30);
    await w.ingest();
    const dying = faultPlan([{ method: "files.replace", nth: 0, fault: "crashes-before" }]);
    await expect(w.batch({ files: faulty("files", w.files, dying) }).run({}, signal)).rejects.toThrow();
    expect((await readCurrent(w.files, signal))!.number).toBe(1);
    expect(await w.batch().run({}, signal)).toMatchObject({ unchanged: true, current: { number: 2 } });
    expect((await readCurrent(w.files, signal))!.number).toBe(2);
  });

  it("serves a whole generation, and the same in the end, wherever a run is killed", async () => {
    const w = warehouse([], [hourly.definition]);
    fill(w, 0, 40);
    await w.ingest();
    await w.batch({ views: [hourly.definition] }).run({}, signal);
    for (let round = 0, at = 0, done = false; !done && round < 60; round++) {
      fill(w, 40 + round * 10, 10);
      await w.ingest();
      const before = await readCurrent(w.files, signal);
      const dying = faultPlan([{ n: at, fault: round % 2 === 0 ? "crashes-before" : "crashes-after" }]);
      const killed = w.batch({ views: [hourly.definition], files: faulty("files", w.files, dying), engine: faulty("engine", w.engine, dying) });
      done = await killed.run({}, signal).then(() => !dying.crashed, () => false);
      at += 2;
      const after = (await readCurrent(w.files, signal))!;
      expect([before!.number, before!.number + 1]).toContain(after.number);
      expect(await readTable(w, hourly.definition, after)).toEqual(shown(foldEvents(hourly.definition, belowCutOf(after, "plays", w.placed))));
    }
    await w.batch({ views: [hourly.definition] }).run({}, signal);
    const last = (await readCurrent(w.files, signal))!;
    expect(await readTable(w, hourly.definition, last)).toEqual(shown(foldEvents(hourly.definition, belowCutOf(last, "plays", w.placed))));
    expect(belowCutOf(last, "plays", w.placed).length).toBeGreaterThan(60);
  });

  it("rolls back to an old content under a new number, while the speed layer covers it", async () => {
    const w = warehouse();
    fill(w, 0, 60);
    await w.ingest();
    const first = published(await w.batch().run({}, signal));
    fill(w, 60, 60);
    await w.ingest();
    const second = published(await w.batch().run({}, signal));
    await expect(w.batch().rollback(1, signal)).rejects.toMatchObject({ code: "ROLLBACK_NOT_COVERED" });
    await w.speed();
    const back = await w.batch().rollback(1, signal);
    expect(back).toMatchObject({ number: 3, parent: 2, kind: "rollback", contentOf: 1, cut: first.cut, tables: first.tables });
    expect(await readCurrent(w.files, signal)).toEqual(back);
    const forward = published(await w.batch().run({}, signal));
    expect(forward.cut).toEqual(second.cut);
    expect(forward.drift.map(({ status }) => status)).toEqual(["none", "none", "none"]);
    await expectExact(w, forward);
    await expect(w.batch().rollback(9, signal)).rejects.toMatchObject({ code: "UNREADABLE_FILE" });
  });

  it("prunes what no kept generation uses, and what dead runs left", async () => {
    const w = warehouse([], [hourly.definition]);
    const generations: Generation[] = [];
    for (let round = 0; round < 4; round++) {
      fill(w, round * 40, 40);
      await w.ingest();
      generations.push(published(await w.batch().run({}, signal)));
    }
    const dying = faultPlan([{ method: "files.putIfAbsent", nth: 1, fault: "crashes-before" }]);
    fill(w, 160, 40);
    await w.ingest();
    await expect(w.batch({ files: faulty("files", w.files, dying) }).run({}, signal)).rejects.toThrow();
    // Nothing within the grace period of the queries that run.
    expect((await w.batch().prune({ keep: 1, graceMs: 1e12 }, signal)).generations).toEqual([]);
    const pruned = await w.batch().prune({ keep: 2, graceMs: 0 }, signal);
    expect(pruned.generations).toEqual([1, 2]);
    const left = new Set((await w.files.list("tables", signal)).map(({ path }) => path));
    const used = generations.slice(2).flatMap(({ tables }) => tables.flatMap(({ versions }) => Object.values(versions).flatMap(({ files }) => files)));
    expect(used.filter((path) => !left.has(path))).toEqual([]);
    // The dead run may be alive for all that prune knows: it goes when its number is taken.
    expect([...left].some((path) => path.includes("version=5-0"))).toBe(true);
    published(await w.batch().run({}, signal));
    await w.batch().prune({ keep: 1, graceMs: 0 }, signal);
    expect((await w.files.list("tables", signal)).filter(({ path }) => path.includes("version=5-0"))).toEqual([]);
    await expectExact(w, (await readCurrent(w.files, signal))!, [hourly.definition]);
    expect((await w.batch().list(signal)).map(({ number }) => number)).toEqual([5]);
  });

  it("publishes a view that is new also where there is nothing to compute", async () => {
    const w = warehouse([], [hourly.definition]);
    for (let i = 0; i < 3; i++) w.append(0, undefined, { appendedAt: START + i });
    w.clock.set(START + HOUR);
    await w.ingest();
    expect(published(await w.batch().run({}, signal)).cut["plays"]).toEqual([{ partition: 0, logVersion: 1_024, offset: 3 }]);
    const both = w.batch({ views: [hourly.definition, bySong.definition] });
    const second = published(await both.run({}, signal));
    expect(second.tables.map(({ name, versions }) => [name, versions])).toEqual([["hourly", {}], ["by_song", {}]]);
    expect(await both.run({}, signal)).toMatchObject({ unchanged: true });
  });

  it("tells a torn or missing generation from none", async () => {
    const w = warehouse();
    fill(w, 0, 40);
    await w.ingest();
    expect(await readCurrent(w.files, signal)).toBeNull();
    published(await w.batch().run({}, signal));
    await w.files.replace(generationPath(1), new TextEncoder().encode('{"format":1,'), signal);
    await expect(readCurrent(w.files, signal)).rejects.toMatchObject({ code: "UNREADABLE_FILE" });
    await expect(w.batch().run({}, signal)).rejects.toMatchObject({ code: "UNREADABLE_FILE" });
    await w.files.remove(generationPath(1), signal);
    await expect(w.batch().run({}, signal)).rejects.toMatchObject({ code: "UNREADABLE_FILE" });
    await w.files.replace(CURRENT_PATH, new TextEncoder().encode("x"), signal);
    await expect(readCurrent(w.files, signal)).rejects.toMatchObject({ code: "UNREADABLE_FILE" });
  });

  it("says what is complete", async () => {
    const w = warehouse();
    fill(w, 0, 60);
    await w.ingest();
    const [topic] = await w.batch().completeness(signal);
    const events = w.placed.filter(({ row }) => row !== undefined);
    expect(topic!.deadLetters).toBe(w.placed.length - events.length);
    expect(topic!.dates.map(({ date, rows }) => [date, rows])).toEqual(
      [...new Set(events.map(({ row }) => (row!["ts"] as Date).toISOString().slice(0, 10)))].sort().map((date) => [date, events.filter(({ row }) => (row!["ts"] as Date).toISOString().startsWith(date)).length]),
    );
    expect(topic!.dates.map(({ lateRowsSince }) => lateRowsSince > 0)).toEqual([true, false, false].slice(0, topic!.dates.length));
  });
});

describe("models", () => {
  const dimSong = defineModel({
    name: "dim_song",
    from: { plays },
    columns: { song_key: int64("bigint"), song: text().optional() },
    key: ["song_key"],
    partitioned: "whole",
    sql: ({ plays: p }, d) => sql`select distinct ${d.key(p.song)} as song_key, ${p.song} as song from ${p}`,
  });
  const factPlay = defineModel({
    name: "fact_play",
    from: { plays, songs: dimSong },
    columns: { partition: int64(), offset: int64(), day: text(), ts: timestamp("ms"), song_key: int64("bigint"), price: decimal(2) },
    key: ["partition", "offset"],
    partitioned: "date",
    references: { song_key: dimSong },
    sql: ({ plays: p, songs }, d) =>
      sql`select ${p._partition} as "partition", ${p._offset} as "offset", ${d.dateOf(p.ts)} as day, ${p.ts} as ts, ${songs.song_key} as song_key, ${p.price} as price from ${p} join ${songs} on ${songs.song_key} = ${d.key(p.song)}`,
  });
  const models = [factPlay.definition];

  const factOf = async (w: Warehouse, generation: Generation) => {
    const table = generation.tables.find(({ name }) => name === "fact_play")!;
    const uris = Object.values(table.versions).flatMap(({ files }) => files.map((path) => w.files.uri(path)));
    return rowsOf(w, `SELECT "partition", "offset", day, epoch_ms(ts), price FROM ${w.engine.dialect.scan(uris, { partition: "BIGINT", offset: "BIGINT", day: "VARCHAR", ts: "TIMESTAMP", price: "DECIMAL(18, 2)" })} AS t ORDER BY 1, 2`);
  };
  const expectedFacts = (w: Warehouse, generation: Generation) =>
    belowCutOf(generation, "plays", w.placed)
      .filter(({ row }) => row !== undefined)
      .sort((a, b) => a.partition - b.partition || a.offset - b.offset)
      .map(({ partition, offset, row }) => [partition, offset, (row!["ts"] as Date).toISOString().slice(0, 10), Number(row!["ts"]), Number(row!["price"]).toFixed(2)]);

  it("builds a star, date by date, and keeps a dimension's version while it comes out the same", async () => {
    const w = warehouse(models);
    fill(w, 0, 60);
    await w.ingest();
    const first = published(await w.batch().run({}, signal));
    expect(await factOf(w, first)).toEqual(expectedFacts(w, first));
    expect(first.checks.map(({ name }) => name)).toContain("fact_play: song_key in dim_song(song_key)");
    w.append(0, play(1, START + 30 * HOUR), { appendedAt: START + 30 * HOUR });
    w.clock.set(START + 32 * HOUR);
    await w.ingest();
    const second = published(await w.batch().run({}, signal));
    expect(await factOf(w, second)).toEqual(expectedFacts(w, second));
    const version = (generation: Generation, name: string) => Object.values(generation.tables.find((table) => table.name === name)!.versions).map((each) => each.version);
    expect(version(second, "dim_song")).toEqual(["1-0"]);
    expect(version(second, "fact_play")).toEqual(["1-0", "1-0", "2-0"]);
    // A new song changes the dimension, and every date that reads it is built again.
    w.append(0, { ...play(1, START + 33 * HOUR), song: "new" }, { appendedAt: START + 33 * HOUR });
    w.clock.set(START + 35 * HOUR);
    await w.ingest();
    const third = published(await w.batch().run({}, signal));
    expect(version(third, "dim_song")).toEqual(["3-0"]);
    expect(version(third, "fact_play")).toEqual(Array<string>(3).fill("3-0"));
    expect(await factOf(w, third)).toEqual(expectedFacts(w, third));
  });

  it("publishes nothing when keys repeat, values are null, references dangle, or columns differ", async () => {
    const wrong = (columns: Record<string, unknown>, select: string, more: object = {}) =>
      defineModel({ name: "wrong", from: { plays }, columns, key: [Object.keys(columns)[0]!], partitioned: "whole", sql: ({ plays: p }: never) => sql([select, ""] as never, p as never), ...more } as never).definition;
    const cases = [
      [wrong({ song: text().optional(), n: int64() }, "select song, 1 as n from "), { code: "CHECK_FAILED", check: "wrong: unique (song)" }],
      [wrong({ offset: int64(), song: text() }, 'select _offset * 2 + _partition as "offset", song from '), { code: "CHECK_FAILED", check: "wrong: not null (song)" }],
      [
        wrong({ offset: int64(), key: int64() }, 'select _offset * 2 + _partition as "offset", 7 as "key" from ', { references: { key: dimSong } }),
        { code: "CHECK_FAILED", check: "wrong: key in dim_song(song_key)", rows: [[7]] },
      ],
      [wrong({ n: int64(), song: text() }, "select song, 1 as n from "), { code: "MODEL_COLUMNS" }],
      [wrong({ price: decimal(1) }, "select distinct price from "), { code: "MODEL_COLUMNS" }],
      [wrong({ n: int64() }, "select nothing as n from "), { code: "SQL" }],
    ] as const;
    const w = warehouse([], [hourly.definition]);
    fill(w, 0, 40);
    await w.ingest();
    for (const [model, error] of cases) await expect(w.batch({ models: [model] }).run({}, signal)).rejects.toMatchObject(error);
    expect(await readCurrent(w.files, signal)).toBeNull();
  });

  it("rebuilds the neighbours of a changed date where a model's reach says so", async () => {
    const sessions = defineModel({
      name: "sessions",
      from: { plays },
      columns: { partition: int64(), offset: int64(), ts: timestamp("ms"), before: timestamp("ms").optional() },
      key: ["partition", "offset"],
      partitioned: "date",
      reach: { after: 1 },
      sql: ({ plays: p }) => sql`select ${p._partition} as "partition", ${p._offset} as "offset", ${p.ts} as ts, max(${p.ts}) over (order by ${p.ts} rows between unbounded preceding and 1 preceding) as "before" from ${p}`,
    }).definition;
    const w = warehouse();
    const batch = () => w.batch({ models: [sessions] });
    for (const hours of [0, 24, 48, 72]) w.append(0, play(hours, START + hours * HOUR), { appendedAt: START + hours * HOUR });
    w.clock.set(START + 75 * HOUR);
    await w.ingest();
    const first = published(await batch().run({}, signal));
    const rows = async (generation: Generation) => {
      const uris = Object.values(generation.tables.find(({ name }) => name === "sessions")!.versions).flatMap(({ files }) => files.map((path) => w.files.uri(path)));
      return (await rowsOf(w, `SELECT epoch_ms(ts), epoch_ms("before") FROM ${w.engine.dialect.scan(uris, { ts: "TIMESTAMP", before: "TIMESTAMP" })} AS t ORDER BY 1`)).map((row) => row.map((ms) => (ms === null ? null : (Number(ms) - START) / HOUR)));
    };
    expect(await rows(first)).toEqual([[0, null], [24, 0], [48, 24], [72, 48]]);
    // Late into the second day: the third looks back at it.
    w.append(0, play(1, START + 24.5 * HOUR), { appendedAt: START + 76 * HOUR });
    w.clock.set(START + 78 * HOUR);
    await w.ingest();
    const second = published(await batch().run({}, signal));
    expect(Object.values(second.tables.find(({ name }) => name === "sessions")!.versions).map(({ version }) => version)).toEqual(["1-0", "2-0", "2-0", "1-0"]);
    expect(await rows(second)).toEqual([[0, null], [24, 0], [24.5, 24], [48, 24.5], [72, 48]]);
  });
});
