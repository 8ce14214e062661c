import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { boolean, count, decimal, defineEventTable, defineStream, defineView, float64, int64, planStreams, readCurrent, text, timestamp, type Generation, type ModelDefinition, type TableVersion } from "@millrace/core";
import { createEraser } from "../erase/create-eraser.js";
import { modelTableColumns } from "../models/model-columns.js";
import { belowCutOf, openWarehouse, published, rowsOf, signal, type PlacedEvent, type Warehouse } from "../testing/warehouse.js";

const columns = { ts: timestamp("ms"), user: int64().optional(), song: text().optional(), price: decimal(2), weight: float64(), paid: boolean().optional() };
const plays = defineStream({ topic: "plays", columns, eventTime: "ts" });
const hourly = defineView({ name: "hourly", from: plays, by: [], every: "hour", measures: () => ({ n: count() }) });
const views = [hourly.definition];
const playEvents = defineEventTable({ name: "play_events", from: plays }).definition;

const START = Date.UTC(2024, 1, 28, 23, 0);
const HOUR = 3_600_000;
const grid = { segmentOffsets: 15, segmentMs: 600_000 };

const open: Warehouse[] = [];
const warehouse = (): Warehouse => {
  const made = openWarehouse({ views, models: [playEvents], grid, partitions: 2, startMs: START });
  open.push(made);
  return made;
};
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

const play = (i: number, ts: number) => ({
  ts: new Date(ts),
  user: i % 4 === 0 ? null : i % 7,
  song: i % 5 === 0 ? null : `Søng ${i % 3}`,
  price: (i % 9) / 4 - 1,
  weight: i / 3,
  paid: i % 6 === 0 ? null : i % 2 === 0,
});

/** Records every minute; every seventh is two days late, every eleventh cannot be decoded. */
function fill(w: Warehouse, from: number, records: number): void {
  for (let i = from; i < from + records; i++) {
    const appendedAt = START + i * 60_000;
    w.append(i % 3 === 0 ? 1 : 0, i % 11 === 5 ? undefined : play(i, appendedAt - (i % 7 === 3 ? 48 * HOUR : 0)), { appendedAt });
  }
  w.clock.set(START + (from + records) * 60_000 + 2 * HOUR);
}

const versionsOf = (generation: Generation): readonly (readonly [string, TableVersion])[] => Object.entries(generation.tables.find(({ name }) => name === "play_events")?.versions ?? {});

/** The table's rows, date by date, in the order in which they lie in its files. */
async function tableRows(w: Warehouse, generation: Generation, model: ModelDefinition = playEvents): Promise<readonly (readonly unknown[])[]> {
  const { dialect } = w.engine;
  const types = modelTableColumns(model, dialect);
  const selected = Object.entries(model.columns).map(([name, { kind }]) => (kind === "timestamp" ? dialect.epochMs(dialect.identifier(name)) : dialect.identifier(name)));
  const rows: (readonly unknown[])[] = [];
  for (const [date, { files, rows: counted }] of versionsOf(generation)) {
    const before = rows.length;
    // A file at a time: engines may read several in any order.
    for (const path of files) for (const row of await rowsOf(w, `SELECT ${selected.join(", ")} FROM ${dialect.scan([w.files.uri(path)], types)} AS t`)) rows.push([date, ...row]);
    expect(rows.length - before).toBe(counted);
  }
  return rows;
}

/** What the table must hold: these events, by date and then by their place in the log. */
function expectedRows(events: readonly PlacedEvent[], names: readonly string[] = Object.keys(columns)): readonly (readonly unknown[])[] {
  const shown = (name: string, value: unknown) => (value instanceof Date ? value.getTime() : name === "price" ? (value as number).toFixed(2) : (value ?? null));
  return events
    .flatMap(({ row, partition, offset, appendedAt }) => (row === undefined ? [] : [[(row["ts"] as Date).toISOString().slice(0, 10), ...names.map((name) => shown(name, row[name])), 1_024, partition, offset, appendedAt]]))
    .sort((a, b) => (a[0]! < b[0]! ? -1 : a[0]! > b[0]! ? 1 : Number(a.at(-3)) - Number(b.at(-3)) || Number(a.at(-2)) - Number(b.at(-2))));
}

const eraserOf = (w: Warehouse) => createEraser({ log: w.log, files: w.files, engine: w.engine, clock: w.clock, plans: planStreams(views), speedRetentionMs: 24 * HOUR, run: (abort) => w.batch().run({}, abort) });

describe("an event table", () => {
  it("has the events of the log below the cut that are not erased, once each and in their order, run after run, and rebuilt the same", async () => {
    const step = fc.record({
      gap: fc.constantFrom(0, 0, 0, 1, 20),
      moves: fc.constantFrom(0, 5_000, 60_000, 700_000, -20_000, 3 * HOUR),
      late: fc.constantFrom(0, 0, 90_000, 30 * HOUR, 400 * HOUR),
      partition: fc.constantFrom(0, 0, 1),
      broken: fc.constantFrom(false, false, false, false, true),
    });
    const round = fc.record({ records: fc.array(step, { maxLength: 40 }), erase: fc.option(fc.nat(6), { nil: undefined }) });
    await fc.assert(
      fc.asyncProperty(fc.array(round, { minLength: 1, maxLength: 4 }), async (rounds) => {
        const w = warehouse();
        const gone: { readonly user: number; readonly below: Generation["cut"] }[] = [];
        const left = (generation: Pick<Generation, "cut">) => {
          const erased = new Set(gone.flatMap(({ user, below }) => belowCutOf({ cut: below }, "plays", w.placed).filter(({ row }) => row?.["user"] === user)));
          return belowCutOf(generation, "plays", w.placed).filter((event) => !erased.has(event));
        };
        let now = START;
        let i = 0;
        for (const { records, erase } of rounds) {
          for (const { gap, moves, late, partition, broken } of records) {
            now += moves;
            i++;
            w.append(partition, broken ? undefined : play(i, now - late), { gap, appendedAt: now });
          }
          w.clock.set(Math.max(w.clock.now(), now + 11 * 60_000));
          await w.ingest();
          const result = await w.batch().run({}, signal);
          if (!("unchanged" in result)) expect(await tableRows(w, result)).toEqual(expectedRows(left(result)));
          const current = await readCurrent(w.files, signal);
          if (erase === undefined || current === null) continue;
          // All that was ingested lies below this generation's cut.
          gone.push({ user: erase, below: current.cut });
          await eraserOf(w).erase({ where: { user: erase } }, signal);
          const after = (await readCurrent(w.files, signal))!;
          expect(await tableRows(w, after)).toEqual(expectedRows(left(after)));
        }
        const current = await readCurrent(w.files, signal);
        if (current !== null) {
          const full = published(await w.batch().run({ full: true }, signal));
          expect(full.cut).toEqual(current.cut);
          expect(await tableRows(w, full)).toEqual(await tableRows(w, current));
        }
        open.splice(open.indexOf(w), 1);
        await w.close();
      }),
      { numRuns: 8 },
    );
  });

  it("makes one file of a date's many, builds again only the dates that changed, and leaves the committed files as they are", async () => {
    const w = warehouse();
    fill(w, 0, 400);
    await w.ingest();
    const first = published(await w.batch().run({}, signal));
    const committed = async (): Promise<string[]> => (await w.files.list("master/plays", signal)).filter(({ path }) => path.endsWith(".parquet")).map(({ path, bytes }) => `${path} ${bytes}`).sort();
    const small = await committed();
    const perDate = (date: string) => small.filter((path) => path.includes(`date=${date}/`)).length;
    expect(versionsOf(first).map(([date, { files, rows }]) => [date, perDate(date), files.length, rows])).toEqual([
      ["2024-02-26", 6, 1, 8],
      ["2024-02-27", 44, 1, 44],
      ["2024-02-28", 15, 1, 47],
      ["2024-02-29", 81, 1, 265],
    ]);
    expect(first.checks.map(({ name, rows }) => [name, rows])).toEqual(
      expect.arrayContaining([["play_events 2024-02-29: one row per event of \"events\"", 265], ["play_events: unique (_log_version, _partition, _offset)", 364], ["play_events: not null (_appended_at)", 364]]),
    );

    // A day that went by without records, and one of the first day's that comes only now.
    w.append(0, play(1, START + 60 * HOUR), { appendedAt: START + 60 * HOUR });
    w.append(0, play(2, START), { appendedAt: START + 60 * HOUR });
    w.clock.set(START + 62 * HOUR);
    await w.ingest();
    const second = published(await w.batch().run({}, signal));
    expect(versionsOf(second).map(([date, { version, rows, files }]) => [date, version, rows, files.length])).toEqual([
      ["2024-02-26", "1-0", 8, 1],
      ["2024-02-27", "1-0", 44, 1],
      ["2024-02-28", "2-0", 48, 1],
      ["2024-02-29", "1-0", 265, 1],
      ["2024-03-02", "2-0", 1, 1],
    ]);
    expect(await committed()).toEqual(expect.arrayContaining(small));
    // Who reads the generation before finds it as it was.
    expect(await tableRows(w, first)).toEqual(expectedRows(belowCutOf(first, "plays", w.placed)));
  });

  it("does not see segments that are committed while it is built", async () => {
    const w = warehouse();
    fill(w, 0, 90);
    await w.ingest();
    let isMore = false;
    const { engine } = w;
    const generation = published(
      await w
        .batch({
          engine: {
            ...engine,
            writeTable: async (select, folder, abort) => {
              if (!isMore) {
                isMore = true;
                fill(w, 90, 90);
                await w.ingest();
              }
              return engine.writeTable(select, folder, abort);
            },
          },
        })
        .run({}, signal),
    );
    const below = belowCutOf(generation, "plays", w.placed);
    expect([isMore, below.length]).toEqual([true, 90]);
    expect(await tableRows(w, generation)).toEqual(expectedRows(below));
  });

  it("is built again with the column that a stream is given, from what the records said all along", async () => {
    const w = warehouse();
    const { user: _, ...fewer } = columns;
    const before = defineStream({ topic: "plays", columns: fewer, eventTime: "ts" });
    const less = defineEventTable({ name: "play_events", from: before }).definition;
    const lessViews = [defineView({ name: "hourly", from: before, by: [], every: "hour", measures: () => ({ n: count() }) }).definition];
    fill(w, 0, 60);
    await w.ingest();
    const first = published(await w.batch({ views: lessViews, models: [less], plans: planStreams(lessViews) }).run({}, signal));
    expect(await tableRows(w, first, less)).toEqual(expectedRows(belowCutOf(first, "plays", w.placed), Object.keys(fewer)));
    const plan = await w.batch().plan({}, signal);
    expect(plan.tables.find(({ name }) => name === "play_events")).toMatchObject({ reason: "stale", build: versionsOf(first).map(([date]) => date) });
    const second = published(await w.batch().run({}, signal));
    expect(await tableRows(w, second)).toEqual(expectedRows(belowCutOf(second, "plays", w.placed)));
  });
});
