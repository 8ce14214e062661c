import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import {
  count,
  countDistinct,
  decimal,
  defineModel,
  defineStream,
  defineView,
  int64,
  ManifestCatalog,
  planStreams,
  readCurrent,
  readErasures,
  sql,
  sum,
  text,
  timestamp,
  type FileSystem,
  type Generation,
} from "@millrace/core";
import { faultPlan, faulty, type FaultPlan } from "@millrace/core/testing";
import { createIngest } from "../ingest/create-ingest.js";
import { TopicDataset } from "../master-dataset/topic-dataset.js";
import { belowCutOf, foldEvents, openWarehouse, readTable, shown, signal, type PlacedEvent, type Warehouse } from "../testing/warehouse.js";
import { createEraser, type EraserOptions } from "./create-eraser.js";

const plays = defineStream({ topic: "plays", columns: { ts: timestamp("ms"), user: int64().optional(), song: text().optional(), price: decimal(2) }, eventTime: "ts" });
const bySong = defineView({ name: "by_song", from: plays, by: ["song"], every: "minute", measures: (c) => ({ n: count(), users: countDistinct(c.user), seconds: sum(c.price) }) });
const byUser = defineView({ name: "by_user", from: plays, where: (c) => c.song.isNotNull(), by: ["user"], every: "hour", measures: () => ({ n: count() }) });
const views = [bySong.definition, byUser.definition];
const users = defineModel({ name: "users", from: { plays }, columns: { user: int64(), songs: text().optional() }, key: ["user"], partitioned: "whole", sql: ({ plays: p }) => sql`select ${p.user}, string_agg(${p.song}, ',' order by ${p._partition}, ${p._offset}) as songs from ${p} where ${p.user} is not null group by ${p.user}` });
const plans = planStreams(views);

const START = Date.UTC(2024, 1, 28, 23, 0);
const HOUR = 3_600_000;
const grid = { segmentOffsets: 15, segmentMs: 600_000 };

const open: Warehouse[] = [];
const warehouse = (): Warehouse => {
  const made = openWarehouse({ views, models: [users.definition], grid, partitions: 2, startMs: START });
  open.push(made);
  return made;
};
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

const eraserOf = (w: Warehouse, more: Partial<EraserOptions> = {}) =>
  createEraser({ log: w.log, files: w.files, engine: w.engine, clock: w.clock, plans, speedRetentionMs: 24 * HOUR, run: (abort) => w.batch().run({}, abort), ...more });

const play = (i: number, ts: number) => ({ ts: new Date(ts), user: i % 4 === 0 ? null : i % 7, song: i % 5 === 0 ? null : `song ${i % 3} of ${i % 4 === 0 ? "nobody" : i % 7}`, price: (i % 9) / 4 });

/** Records every minute; some late, some no events. */
function fill(w: Warehouse, from: number, records: number): void {
  for (let i = from; i < from + records; i++) {
    const appendedAt = START + i * 60_000;
    w.append(i % 3 === 0 ? 1 : 0, i % 11 === 5 ? undefined : play(i, appendedAt - (i % 7 === 3 ? 48 * HOUR : 0)), { appendedAt });
  }
  w.clock.set(START + (from + records) * 60_000 + 2 * HOUR);
}

const discard = async (w: Warehouse): Promise<void> => {
  open.splice(open.indexOf(w), 1);
  await w.close();
};

/** The calls of a job that change files, by their number among all: between two of them nothing that others see happens. */
async function writesOf(prepare: () => Promise<Warehouse>, job: (w: Warehouse, plan: FaultPlan) => Promise<void>): Promise<readonly number[]> {
  const w = await prepare();
  const counting = faultPlan();
  await job(w, counting);
  await discard(w);
  return counting.calls.filter(({ method }) => /^(files\.(putIfAbsent|replace|remove|write\.commit)|engine\.writeTable)$/.test(method)).map(({ n }) => n);
}

/** Nothing of a user is among the events any more, as far as they were sealed when `erased` was made. */
const without = (events: readonly PlacedEvent[], erased: readonly { readonly user: number; readonly until: readonly number[] }[]) =>
  events.filter(({ row, partition, offset }) => row === undefined || !erased.some(({ user, until }) => row["user"] === user && offset < until[partition]!));

const sealed = async (w: Warehouse): Promise<readonly number[]> => {
  const catalog = new ManifestCatalog(w.files, "plays");
  await catalog.refresh(signal);
  return [0, 1].map((partition) => catalog.ends(partition, 1_024).at(-1) ?? 0);
};

async function expectExact(w: Warehouse, generation: Generation, erased: Parameters<typeof without>[1]): Promise<void> {
  for (const view of views) expect(await readTable(w, view, generation)).toEqual(shown(foldEvents(view, belowCutOf(generation, "plays", without(w.placed, erased)))));
}

/** Every file that has a text in one of its values. */
async function filesWith(w: Warehouse, needle: string, folder = ""): Promise<readonly string[]> {
  const found: string[] = [];
  for (const { path } of await w.files.list(folder, signal)) {
    if (!path.endsWith(".parquet")) {
      if (new TextDecoder().decode(await w.files.read(path, signal)).includes(needle)) found.push(path);
      continue;
    }
    const { blocks } = await w.engine.query(`SELECT * FROM read_parquet('${w.files.uri(path)}')`, signal);
    for await (const block of blocks) {
      if (block.some((row) => row.some((value) => (value instanceof Uint8Array ? new TextDecoder().decode(value) : String(value)).includes(needle)))) {
        found.push(path);
        break;
      }
    }
  }
  return found;
}

describe("createEraser", () => {
  it("leaves the fold over the log without what was erased, whatever is ingested, erased and published when", async () => {
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.record({ do: fc.constant("append" as const), records: fc.integer({ min: 1, max: 25 }) }) },
      { weight: 2, arbitrary: fc.constant({ do: "ingest" as const }) },
      { weight: 3, arbitrary: fc.record({ do: fc.constant("erase" as const), user: fc.nat(6) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant("run" as const), full: fc.boolean() }) },
      { weight: 1, arbitrary: fc.constant({ do: "prune" as const }) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 9 }), async (steps) => {
        const w = warehouse();
        const erased: { user: number; until: readonly number[] }[] = [];
        let records = 0;
        for (const each of steps) {
          if (each.do === "append") {
            fill(w, records, each.records);
            records += each.records;
          } else if (each.do === "ingest") await w.ingest();
          else if (each.do === "run") await w.batch().run({ full: each.full }, signal);
          else if (each.do === "prune") {
            w.clock.set(w.clock.now() + 2 * HOUR);
            await eraserOf(w).prune({ alone: true }, signal);
          } else {
            const until = await sealed(w);
            const expected = without(w.placed, erased).filter(({ row, partition, offset }) => row?.["user"] === each.user && offset < until[partition]!);
            const above = w.placed.filter(({ row, partition, offset }) => row?.["user"] === each.user && offset >= until[partition]!);
            const { topics } = await eraserOf(w).erase({ where: { user: each.user } }, signal);
            expect(topics).toMatchObject([{ topic: "plays", events: expected.length, unsealed: above.length }]);
            erased.push({ user: each.user, until });
          }
          const current = await readCurrent(w.files, signal);
          const applied = current?.erasures?.["plays"] ?? 0;
          expect(applied).toBe((await readErasures(w.files, "plays", signal)).length);
          if (current !== null) await expectExact(w, current, erased);
        }
        // Every record is an event, a dead letter, or erased: of each segment, as a run reads it.
        const dataset = new TopicDataset(w.files, plans[0]!);
        await dataset.refresh(signal);
        for (const { records: all, events, deadLetters, erased: gone = [] } of dataset.below({ plays: dataset.newest() })) expect(events + deadLetters + gone.length).toBe(all);
      }),
      { numRuns: 30 },
    );
  }, 90_000);

  it("is certain or has not happened, wherever it dies, and is finished by whoever comes next", async () => {
    const small = (w: Warehouse) => fill(w, 0, 22);
    const prepare = async () => {
      const w = warehouse();
      small(w);
      await w.ingest();
      await w.batch().run({}, signal);
      return w;
    };
    const erased = [{ user: 3, until: await (async () => sealed(await prepare()))() }];
    const erase = async (w: Warehouse, plan: FaultPlan) => {
      const files: FileSystem = faulty("files", w.files, plan);
      const engine = faulty("engine", w.engine, plan);
      await eraserOf(w, { files, engine, run: (abort) => w.batch({ files, engine }).run({}, abort) }).erase({ where: { user: "3" } }, signal).catch(() => undefined);
    };
    const writes = await writesOf(prepare, erase);
    expect(writes.length).toBeGreaterThan(12);
    for (const n of writes) {
      const w = await prepare();
      await erase(w, faultPlan([{ n, fault: "crashes-before" }]));
      const recorded = (await readErasures(w.files, "plays", signal)).length > 0;
      const applied = (await readCurrent(w.files, signal))!.erasures?.["plays"] === 1;
      if (applied) expect(recorded).toBe(true);
      await expectExact(w, (await readCurrent(w.files, signal))!, applied ? erased : []);
      // Ingest and a run of any other process finish what is certain; what is not is asked for again.
      await w.ingest();
      if (recorded) await w.batch().run({}, signal);
      else await eraserOf(w).erase({ where: { user: 3 } }, signal);
      expect(await readErasures(w.files, "plays", signal)).toHaveLength(1);
      await expectExact(w, (await readCurrent(w.files, signal))!, erased);
      await discard(w);
    }
  }, 120_000);

  it("takes two at once, while ingest and runs go on", async () => {
    const w = warehouse();
    fill(w, 0, 60);
    await w.ingest();
    await w.batch().run({}, signal);
    const until = await sealed(w);
    fill(w, 60, 40);
    const jobs = await Promise.allSettled([
      eraserOf(w).erase({ where: { user: 1 } }, signal),
      eraserOf(w).erase({ where: { user: [2, 1] } }, signal),
      w.ingest(),
      w.batch().run({ full: true }, signal),
    ]);
    // Whoever was overtaken has recorded all the same.
    for (const [i, job] of jobs.entries()) if (job.status === "rejected") expect([i, (job.reason as { code: string }).code]).toEqual([i, i < 2 ? "ERASURE_NOT_APPLIED" : "PUBLICATION_LOST"]);
    await w.ingest();
    await w.batch().run({}, signal);
    const erasures = await readErasures(w.files, "plays", signal);
    expect(erasures.map(({ number }) => number)).toEqual([1, 2]);
    const current = (await readCurrent(w.files, signal))!;
    expect(current.erasures).toEqual({ plays: 2 });
    // What each found when it looked, it erased: all that was sealed at first, and perhaps more.
    const gone = new Set(erasures.flatMap(({ records }) => records.flatMap(({ partition, offsets }) => offsets.map((offset) => `${partition}/${offset}`))));
    for (const { row, partition, offset } of w.placed) {
      const named = row?.["user"] === 1 || row?.["user"] === 2;
      if (named && offset < until[partition]!) expect(gone).toContain(`${partition}/${offset}`);
      if (!named) expect(gone).not.toContain(`${partition}/${offset}`);
    }
    for (const view of views) expect(await readTable(w, view, current)).toEqual(shown(foldEvents(view, belowCutOf(current, "plays", w.placed.filter(({ partition, offset }) => !gone.has(`${partition}/${offset}`))))));
  });

  it("is not brought back: by a segment that is written again, a run at an earlier instant, a rollback, or another declaration", async () => {
    const w = warehouse();
    fill(w, 0, 60);
    await w.ingest();
    await w.batch().run({ cutAt: START + 1_200_000 }, signal);
    await w.batch().run({}, signal);
    const until = await sealed(w);
    await eraserOf(w).erase({ where: { user: 3 } }, signal);
    const erased = [{ user: 3, until }];
    await expect(w.batch().run({ cutAt: START + 1_200_000 }, signal)).rejects.toMatchObject({ code: "RUN_OPTION", message: expect.stringMatching(/was erased/) as string });
    await expect(w.batch().rollback(2, signal)).rejects.toMatchObject({ code: "RUN_OPTION", message: expect.stringMatching(/were erased/) as string });

    // The last manifest of a partition is lost, and ingest writes its segment once more.
    const lost = (await w.files.list("master/plays/_manifests/v1024-p0", signal)).at(-1)!.path;
    await w.files.remove(lost, signal);
    await createIngest({ log: w.log, files: w.files, clock: w.clock, plans, grid, sealGuardMs: 1_000 }).drain(signal);
    const [again] = (await new ManifestCatalog(w.files, "plays").refresh(signal)).filter(({ partition }) => partition === 0).slice(-1);
    expect(again!.erased!.length).toBeGreaterThan(0);
    const rebuilt = await w.batch().run({ full: true }, signal);
    await expectExact(w, rebuilt as Generation, erased);

    const renamed = defineStream({ topic: "plays", columns: { ts: timestamp("ms"), listener: text().optional().at("song"), user: int64().optional() }, eventTime: "ts" });
    const other = defineView({ name: "others", from: renamed, by: ["listener", "user"], every: "hour", measures: () => ({ n: count() }) });
    const made = (await w.batch({ views: [other.definition], models: [], plans: planStreams([other.definition]) }).run({}, signal)) as Generation;
    const asOthers = without(w.placed, erased).map((event) => (event.row === undefined ? event : { ...event, row: { ...event.row, listener: event.row["song"] } }));
    expect(await readTable(w, other.definition, made)).toEqual(shown(foldEvents(other.definition, belowCutOf(made, "plays", asOthers))));
  });

  it("erases dead letters by what they say, and tells those that nobody can read", async () => {
    const w = warehouse();
    fill(w, 0, 12);
    const at = START + 12 * 60_000;
    const place = (offset: number, value: string) => w.log.place("plays", 1, [{ offset, appendedAt: at, value }]);
    place(100, `{"ts":${at},"user":"3","song":"x","price":1}`);
    place(101, `{"ts":${at},"user":3}`);
    place(102, `{"ts":${at},"user":4}`);
    place(103, `{"user":3,`);
    w.clock.set(at + 2 * HOUR);
    await w.ingest();
    const eraser = eraserOf(w);
    expect((await eraser.erase({ where: { user: 3 }, dryRun: true }, signal)).topics).toEqual([{ topic: "plays", events: 2, deadLetters: 2, unreadable: 2, unsealed: 0, erasure: null }]);
    expect(await readErasures(w.files, "plays", signal)).toEqual([]);
    const { topics, generation } = await eraser.erase({ where: { user: 3 } }, signal);
    expect([topics, generation]).toEqual([[{ topic: "plays", events: 2, deadLetters: 2, unreadable: 2, unsealed: 0, erasure: 1 }], 1]);
    expect((await eraser.erase({ where: { user: 3 }, unreadable: true }, signal)).topics).toEqual([{ topic: "plays", events: 0, deadLetters: 2, unreadable: 0, unsealed: 0, erasure: 2 }]);
    expect((await eraser.erase({ where: { user: 3 } }, signal)).topics).toEqual([{ topic: "plays", events: 0, deadLetters: 0, unreadable: 0, unsealed: 0, erasure: null }]);
    const [completeness] = await w.batch().completeness(signal);
    expect(completeness).toMatchObject({ records: 16, events: 9, deadLetters: 1, erased: 6 });
  });

  it("says what still holds the records, and removes it, until nothing does", async () => {
    const w = warehouse();
    fill(w, 0, 60);
    await w.ingest();
    await w.batch().run({}, signal);
    // A run that died before it published has left tables, and another one a reading that nobody committed.
    const dying = faultPlan([{ method: "files.putIfAbsent", nth: 1, fault: "crashes-before" }]);
    const dead = faulty("files", w.files, dying);
    await w.batch({ files: dead }).run({ full: true }, signal).catch(() => undefined);
    expect(await filesWith(w, " of 3")).not.toEqual([]);
    const eraser = eraserOf(w);
    const { remains } = await eraser.erase({ where: { user: 3 } }, signal);
    const records = w.placed.filter(({ row }) => row?.["user"] === 3).length;
    const speedUntil = remains[0]!.speedUntil!;
    expect(remains).toEqual([{ topic: "plays", erasures: 1, records, notApplied: 0, generations: [1], files: expect.any(Number) as number, inLog: records, logRetentionMs: null, speedUntil, sinks: [] }]);
    expect(remains[0]!.files).toBeGreaterThan(0);

    // At once nothing that a query may read goes, but the files that only runs read.
    const first = await eraser.prune({ alone: true }, signal);
    expect(first.generations).toEqual([]);
    expect(first.files).toBe(remains[0]!.files);
    expect(await filesWith(w, " of 3", "master")).toEqual([]);
    expect((await eraser.remains(signal))[0]).toMatchObject({ generations: [1], files: 0 });
    w.clock.set(w.clock.now() + 2 * HOUR);
    expect((await eraser.prune({ alone: true }, signal)).generations).toEqual([1]);
    expect(await filesWith(w, " of 3")).toEqual([]);
    // The batch layer needs none of what went.
    await expectExact(w, (await w.batch().run({ full: true }, signal)) as Generation, [{ user: 3, until: await sealed(w) }]);

    for (const [partition, end] of (await sealed(w)).entries()) w.log.trim("plays", partition, end);
    w.clock.set(speedUntil);
    w.clock.set(w.clock.now() + 2 * HOUR);
    await eraser.prune({ alone: true }, signal);
    expect(await eraser.remains(signal)).toEqual([{ topic: "plays", erasures: 1, records, notApplied: 0, generations: [], files: 0, inLog: 0, logRetentionMs: null, speedUntil: null, sinks: [] }]);
  });

  it("prunes the same wherever it dies, and never what is needed", async () => {
    const prepare = async () => {
      const w = warehouse();
      fill(w, 0, 30);
      await w.ingest();
      await w.batch().run({}, signal);
      await eraserOf(w).erase({ where: { user: 3 } }, signal);
      w.clock.set(w.clock.now() + 2 * HOUR);
      return w;
    };
    const contentOf = async (w: Warehouse) => (await w.files.list("", signal)).map(({ path }) => path);
    const whole = await prepare();
    const until = await sealed(whole);
    await eraserOf(whole).prune({ alone: true }, signal);
    const expected = await contentOf(whole);
    const pruneDying = async (w: Warehouse, plan: FaultPlan) => {
      await eraserOf(w, { files: faulty("files", w.files, plan) }).prune({ alone: true }, signal).catch(() => undefined);
    };
    const writes = await writesOf(prepare, pruneDying);
    expect(writes.length).toBeGreaterThan(8);
    for (const n of writes) {
      const w = await prepare();
      await pruneDying(w, faultPlan([{ n, fault: "crashes-before" }]));
      await expectExact(w, (await readCurrent(w.files, signal))!, [{ user: 3, until }]);
      await eraserOf(w).prune({ alone: true }, signal);
      expect(await contentOf(w)).toEqual(expected);
      await discard(w);
    }
    await expectExact(whole, (await whole.batch().run({ full: true }, signal)) as Generation, [{ user: 3, until }]);
  }, 120_000);

  it("refuses what it cannot mean, and to prune while a run is at work or has not applied it", async () => {
    const w = warehouse();
    fill(w, 0, 30);
    await w.ingest();
    const eraser = eraserOf(w);
    await expect(eraser.erase({ where: {} }, signal)).rejects.toThrow(/at least one column is needed/);
    await expect(eraser.erase({ where: { nobody: 1 } }, signal)).rejects.toThrow(/no stream has all of the columns "nobody"/);
    await expect(eraser.erase({ where: { nobody: 1 }, streams: ["plays"] }, signal)).rejects.toThrow(/"plays" has the columns "ts", "user", "song", "price"/);
    await expect(eraser.erase({ where: { user: 1 }, streams: ["listens"] }, signal)).rejects.toThrow(/there is no stream "listens"/);
    await expect(eraser.erase({ where: { user: "me" } }, signal)).rejects.toThrow(/a whole number/);
    await expect(eraser.erase({ where: { user: "" } }, signal)).rejects.toThrow(/a value is needed/);
    await expect(eraser.erase({ where: { user: null } }, signal)).rejects.toThrow(/a value is needed/);
    expect(await eraser.remains(signal)).toEqual([]);

    const failing = eraserOf(w, { run: () => Promise.reject(new Error("no disk")) });
    await expect(failing.erase({ where: { user: 3 } }, signal)).rejects.toMatchObject({ code: "ERASURE_NOT_APPLIED", cause: { message: "no disk" } });
    await expect(eraser.prune({ alone: true }, signal)).rejects.toMatchObject({ code: "RUN_OPTION" });
    // Asked again, nothing more is found, and what waits is applied.
    expect(await eraser.erase({ where: { user: 3 } }, signal)).toMatchObject({ topics: [{ events: 0, erasure: null }], generation: 1, remains: [{ notApplied: 0 }] });
    await w.files.putIfAbsent("runs/2-0.json", new TextEncoder().encode(`{"id":"2-0","startedAt":${w.clock.now()}}\n`), signal);
    await expect(eraser.prune({ alone: false }, signal)).rejects.toMatchObject({ code: "RUN_AT_WORK" });
  });
});
