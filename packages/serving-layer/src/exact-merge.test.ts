import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { duckdbEngine } from "@millrace/batch-layer/duckdb";
import { FIRST_LOG_VERSION, type AnyView, type SqlEngine, type ViewDefinition } from "@millrace/core";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { AnyQuery } from "./query/query.js";
import { createServing } from "./serving.js";
import { naiveAnswer } from "./testing/naive-answer.js";
import { listens, names, songs, totals, type Play } from "./testing/plays.js";
import { createWorld, filesIn } from "./testing/world.js";

let root: string;
let engine: SqlEngine;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "millrace-serving-"));
  engine = duckdbEngine({ files: filesIn(root) });
});
afterAll(async () => {
  await engine.close();
  await rm(root, { recursive: true });
});

let worlds = 0;
const newWorld = (partitions: number) => {
  const files = filesIn(join(root, String(++worlds)));
  return createWorld(files, engine, partitions);
};

const HOUR = 3_600_000;
// Days around the change of New York's clocks on 1 November 2026, 06:00 UTC.
const DST = Date.UTC(2026, 10, 1, 6);

const text = fc.constantFrom("a", "b", "Z", "é", "\u{1F600}", "\uFFFD", "'; DROP TABLE x; --", "", 'a"b\\');
const play = fc.record({
  gap: fc.nat(2),
  ts: fc.oneof(fc.integer({ min: DST - 40 * HOUR, max: DST + 40 * HOUR }), fc.integer({ min: DST - HOUR, max: DST + HOUR })),
  late: fc.boolean(),
  song: fc.option(text),
  artist: text,
  paid: fc.boolean(),
  seconds: fc.oneof(fc.integer({ min: -500, max: 100_000 }), fc.constantFrom(0, 100, 1, -50)),
  userId: fc.option(fc.integer({ min: -3, max: 40 })),
});
const partition = fc.record({ plays: fc.array(play, { maxLength: 25 }), lengths: fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 25, maxLength: 25 }), cutAt: fc.nat(6), open: fc.boolean() });

const query: fc.Arbitrary<AnyQuery & { readonly view: string }> = fc
  .constantFrom<AnyView>(songs, songs, songs, names, listens, listens, totals)
  .chain((view) => {
    const { every, by, measures } = view.definition;
    const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
    return fc
      .record({
        view: fc.constant(view.name),
        from: fc.integer({ min: DST - 45 * HOUR, max: DST + 20 * HOUR }),
        length: fc.integer({ min: 1, max: 60 * HOUR }),
        granularity: optional(fc.constantFrom(...(every === "minute" ? (["minute"] as const) : every === "second" ? (["second", "minute"] as const) : []), "hour", "day", "week", "month", "year", "all")),
        zone: optional(fc.constantFrom("UTC", "America/New_York", ...(every !== "hour" ? ["Asia/Kolkata", "Australia/Lord_Howe"] : []))),
        by: optional(fc.subarray([...by])),
        where: optional(fc.record({ artist: optional(fc.oneof(text, fc.array(text, { maxLength: 3 }))), song: optional(fc.constantFrom(null, "a", [null, "é"])), paid: optional(fc.boolean()), userId: optional(fc.constantFrom(null, 1n, [2n, 3n, null])), seconds: optional(fc.constantFrom(0, [1, 0.01, -0.5])) })),
        order: optional(fc.tuple(fc.constantFrom("window", ...by, ...measures.map(({ name }) => name)), fc.constantFrom("asc", "desc"))),
        limit: optional(fc.integer({ min: 1, max: 5 })),
        limitPerWindow: optional(fc.integer({ min: 1, max: 3 })),
        // Days of seconds are more windows than the oracle has patience for.
        fill: every === "second" ? fc.constant(undefined) : fc.constantFrom(undefined, undefined, "zero" as const),
      })
      .map(({ order, length, where, ...rest }) => {
        const asked = rest.by ?? by;
        const orderBy = order !== undefined && (by.includes(order[0]) ? asked.includes(order[0]) : order[0] !== "window" || rest.granularity !== "all") ? order.join(" ") : undefined;
        const filters = where === undefined ? undefined : Object.fromEntries(Object.entries(where).filter(([name, value]) => by.includes(name) && value !== undefined));
        const all = { ...rest, until: rest.from + length, where: filters, orderBy };
        return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as unknown as AnyQuery & { readonly view: string };
      });
  });

/** Ranked queries over the whole range, in which few rows of many are answered. */
const ranked: fc.Arbitrary<AnyQuery & { readonly view: string }> = fc
  .record({
    granularity: fc.constantFrom("all" as const, "day" as const, "hour" as const),
    asked: fc.oneof(
      fc.record({ view: fc.constant("songs"), by: fc.constantFrom(["artist"], ["song", "artist"], ["artist", "song", "paid"]), orderBy: fc.constantFrom("plays desc", "plays asc", "seconds desc", "shortest asc", "artist asc", "artist desc", "lastPlay desc") }),
      fc.record({ view: fc.constant("listens"), by: fc.constantFrom(["userId"], ["seconds", "userId"], ["ts", "userId", "seconds"]), orderBy: fc.constantFrom("plays desc", "plays asc", "userId desc", "userId asc") }),
    ),
    limits: fc.constantFrom({ limit: 1 }, { limit: 3 }, { limitPerWindow: 1 }, { limitPerWindow: 2, limit: 5 }),
  })
  .map(({ limits, asked, ...rest }) => ({ ...rest, ...asked, ...limits, from: DST - 45 * HOUR, until: DST + 45 * HOUR }));

type Laid = typeof partition extends fc.Arbitrary<infer P> ? P : never;

/** Lays partitions out as segments, publishes what lies below their cuts, writes the rest as the speed layer does, and asks. */
async function expectFold(partitions: readonly Laid[], queries: readonly (AnyQuery & { readonly view: string })[], generation: boolean, cacheValues: number | undefined): Promise<void> {
  const world = await newWorld(partitions.length);
  const events: Play[] = [];
  const segments: { readonly partition: number; readonly first: number; readonly previous: number; readonly until: number; readonly sealed: boolean }[] = [];
  const cut: { partition: number; logVersion: number; offset: number }[] = [];
  partitions.forEach(({ plays, lengths, cutAt, open }, p) => {
    let offset = 0;
    const own: Play[] = plays.map(({ gap, ...rest }) => ({ ...rest, partition: p, offset: (offset += gap + 1) }));
    events.push(...own);
    let previous = 0;
    const ends = [0];
    for (let i = 0, s = 0; i < own.length; s++) {
      const rows = own.slice(i, (i += lengths[s]!));
      const until = rows.at(-1)!.offset + 1;
      segments.push({ partition: p, first: rows[0]!.offset, previous, until, sealed: i < own.length || !open });
      previous = until;
      ends.push(until);
    }
    const at = open && ends.length > 1 ? ends.slice(0, -1) : ends;
    if (generation) cut.push({ partition: p, logVersion: FIRST_LOG_VERSION, offset: at[Math.min(cutAt, at.length - 1)]! });
  });
  world.place(events);
  const views = [songs, names, listens, totals].map(({ definition }) => definition);
  if (generation) await world.publish(views, events, { plays: cut });
  // Segments below the cut have rows too, as long as they live: they must not count twice.
  for (const segment of segments) for (const view of views) await world.speed(view, events, segment);
  // Without room to keep all groups, SQL gives the first ones and those that the speed layer has too.
  const serving = createServing({ ...world, views: [songs, names, listens, totals], ...(cacheValues === undefined ? {} : { cacheValues }) });
  for (const { view, ...asked } of queries) {
    const answer = await serving.query(view as "songs", asked as never);
    expect(answer.rows).toEqual(naiveAnswer(views.find(({ name }) => name === view)!, events, asked));
    expect(answer.envelope).toMatchObject({ generation: generation ? 1 : 0, complete: true, behind: 0 });
    // The second time from the cache, where there is room.
    expect((await serving.query(view as "songs", asked as never)).rows).toEqual(answer.rows);
    const { rows } = await serving.query(view as "songs", { ...asked, split: true } as never);
    const isBatch = ({ partition, offset }: Play) => offset < (cut.find((at) => at.partition === partition)?.offset ?? 0);
    expect(rows).toEqual(withSplit(answer.rows, views.find(({ name }) => name === view)!, events, asked, isBatch));
  }
}

/** Rows with the split that folding the events of each layer on their own gives. */
function withSplit(rows: readonly object[], view: ViewDefinition, events: readonly Play[], asked: AnyQuery, isBatch: (play: Play) => boolean): object[] {
  const { limit: _limit, limitPerWindow: _perWindow, fill: _fill, orderBy: _order, ...all } = asked;
  const dimensions = ["window", ...(asked.by ?? view.by)];
  // Of a date, text would tell no milliseconds.
  const keyOf = (row: object) => JSON.stringify(dimensions.map((name) => plainValue((row as Record<string, unknown>)[name])));
  const [batch, speed] = [isBatch, (play: Play) => !isBatch(play)].map((of) => new Map(naiveAnswer(view, events.filter(of), all).map((row) => [keyOf(row), row])));
  const sums = ["plays", "seconds", "users"].filter((name) => view.measures.some((measure) => measure.name === name));
  return rows.map((row) => {
    const [below, above] = [batch!.get(keyOf(row)), speed!.get(keyOf(row))];
    return { ...row, split: Object.fromEntries(sums.map((name) => [name, { batch: below?.[name] ?? null, speed: above?.[name] ?? null }])) };
  });
}

const plainValue = (value: unknown) => (value instanceof Date ? value.getTime() : String(value));

it("batch below any cut and partials at or above it = the naive fold, whatever is asked", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(partition, { minLength: 1, maxLength: 3 }), fc.array(query, { minLength: 6, maxLength: 6 }), fc.boolean(), fc.constantFrom(undefined, 300), expectFold),
    { numRuns: 20 },
  );
});

it("the first rows are the first, also where not all groups can be kept to tell", async () => {
  const full = fc.record({ plays: fc.array(play, { minLength: 25, maxLength: 25 }), lengths: fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 25, maxLength: 25 }), cutAt: fc.integer({ min: 1, max: 5 }), open: fc.boolean() });
  await fc.assert(fc.asyncProperty(fc.array(full, { minLength: 2, maxLength: 3 }), fc.array(ranked, { minLength: 6, maxLength: 6 }), fc.constant(true), fc.constantFrom(undefined, 0, 0), expectFold), { numRuns: 7 });
});

it("merges what the speed layer changes wherever it ranks, and breaks ties by the bytes of texts", async () => {
  const world = await newWorld(1);
  const artists = ["a", "b", "b", "c", "c", "c", "a", "a", "a", "b", "\u{1F600}", "\uFFFD"];
  const events = artists.map((artist, offset): Play => ({ partition: 0, offset, ts: DST + offset * 60_000, late: false, song: null, artist, paid: false, seconds: 100, userId: null }));
  world.place(events);
  await world.publish([songs.definition], events, { plays: [{ partition: 0, logVersion: FIRST_LOG_VERSION, offset: 6 }] });
  await world.speed(songs.definition, events, { partition: 0, first: 6, previous: 6, until: 12, sealed: false });
  // In the batch layer: a 1, b 2, c 3. In both: a 4, b 3, c 3, and one of each of the others.
  for (const cacheValues of [0, 1_000]) {
    const serving = createServing({ ...world, views: [songs], cacheValues });
    const ask = async (orderBy: "plays asc" | "plays desc", limit: number, by: "artist"[] = ["artist"]) => {
      const { rows } = await serving.query(songs, { from: DST, until: DST + HOUR, granularity: "all", by, orderBy, limit });
      return rows.map(({ artist, plays }) => [artist, plays]);
    };
    expect(await ask("plays asc", 3)).toEqual([["\uFFFD", 1], ["\u{1F600}", 1], ["b", 3]]);
    expect(await ask("plays desc", 2)).toEqual([["a", 4], ["b", 3]]);
    expect(await ask("plays desc", 3)).toEqual([["a", 4], ["b", 3], ["c", 3]]);
    expect(await ask("plays desc", 1, [])).toEqual([[undefined, 12]]);
  }
});

it("answers from one generation, whatever is published while it reads", async () => {
  const world = await newWorld(1);
  const events = Array.from({ length: 8 }, (_, offset): Play => ({ partition: 0, offset, ts: DST + offset * 60_000, late: false, song: "s", artist: "a", paid: true, seconds: 100, userId: offset }));
  const cutAt = (offset: number) => ({ plays: [{ partition: 0, logVersion: FIRST_LOG_VERSION, offset }] });
  world.place(events);
  await world.publish([songs.definition], events, cutAt(4));
  await world.speed(songs.definition, events, { partition: 0, first: 4, previous: 4, until: 8, sealed: true });
  const publishing: typeof world.store = {
    ...world.store,
    async *read(request, aborted) {
      await world.publish([songs.definition], events, cutAt(8));
      yield* world.store.read(request, aborted);
    },
  };
  const query = { from: DST, until: DST + HOUR, granularity: "all", by: [] } as const;
  const during = await createServing({ ...world, store: publishing, views: [songs] }).query(songs, query);
  expect(during).toMatchObject({ rows: [{ plays: 8 }], envelope: { generation: 1, cut: cutAt(4), asOf: [{ offset: 8 }] } });
  const after = await createServing({ ...world, views: [songs] }).query(songs, query);
  expect(after).toMatchObject({ rows: [{ plays: 8 }], envelope: { generation: 2, cut: cutAt(8), asOf: [{ offset: 8 }] } });
  expect(world.calls.rows).toBe(1);
});

it("takes values for values, whatever they say", async () => {
  const world = await newWorld(1);
  const evil = ["' OR 1=1 --", "'; DROP TABLE t; --", '"', "\\", "%", "\0", "x'||'y"];
  const events = [...evil, "plain"].map((artist, offset): Play => ({ partition: 0, offset, ts: DST, late: false, song: null, artist, paid: true, seconds: 1, userId: null }));
  world.place(events);
  await world.publish([names.definition, songs.definition], events, { plays: [{ partition: 0, logVersion: FIRST_LOG_VERSION, offset: 8 }] });
  const serving = createServing({ ...world, views: [songs] });
  for (const artist of evil) {
    const { rows } = await serving.query(songs, { from: DST, until: DST + HOUR, by: ["artist"], where: { artist } });
    expect(rows).toMatchObject([{ artist, plays: 1 }]);
  }
  expect((await serving.query(songs, { from: DST, until: DST + HOUR, where: { artist: ["nobody' OR '1'='1"] } })).rows).toEqual([]);
});

it("answers all of time", async () => {
  const world = await newWorld(1);
  const events = Array.from({ length: 4 }, (_, offset): Play => ({ partition: 0, offset, ts: DST + offset * 24 * HOUR, late: false, song: null, artist: "a", paid: true, seconds: 1, userId: null }));
  world.place(events);
  await world.publish([songs.definition], events, { plays: [{ partition: 0, logVersion: FIRST_LOG_VERSION, offset: 2 }] });
  await world.speed(songs.definition, events, { partition: 0, first: 2, previous: 2, until: 4, sealed: false });
  const serving = createServing({ ...world, views: [songs] });
  const range = { from: -8.64e15, until: 8.64e15, by: [] } as const;
  expect((await serving.query(songs, { ...range, granularity: "all" })).rows).toMatchObject([{ plays: 4 }]);
  expect((await serving.query(songs, { ...range, granularity: "month", zone: "America/New_York" })).rows).toMatchObject([{ window: new Date("2026-11-01T04:00:00Z"), plays: 4 }]);
  expect((await serving.query(songs, { ...range, from: 0, granularity: "day" })).rows).toHaveLength(4);
  await expect(serving.query(songs, { ...range, granularity: "hour", fill: "zero" })).rejects.toMatchObject({ code: "ROW_LIMIT" });
});

it("refuses an answer of more rows than are served", async () => {
  const world = await newWorld(1);
  const events = Array.from({ length: 6 }, (_, offset): Play => ({ partition: 0, offset, ts: DST + offset * 60_000, late: false, song: null, artist: `${offset}`, paid: true, seconds: 1, userId: null }));
  world.place(events);
  await world.publish([songs.definition], events, { plays: [{ partition: 0, logVersion: FIRST_LOG_VERSION, offset: 4 }] });
  await world.speed(songs.definition, events, { partition: 0, first: 4, previous: 4, until: 6, sealed: false });
  const range = { from: DST, until: DST + HOUR };
  const serving = (maxRows: number) => createServing({ ...world, views: [songs], maxRows });
  expect((await serving(6).query(songs, range)).rows).toHaveLength(6);
  await expect(serving(5).query(songs, range)).rejects.toMatchObject({ code: "ROW_LIMIT", limit: 5 });
  await expect(serving(3).query(songs, range)).rejects.toMatchObject({ code: "ROW_LIMIT", limit: 3 });
  expect((await serving(5).query(songs, { ...range, limit: 5 })).rows).toHaveLength(5);
  await expect(serving(5).query(songs, { ...range, limit: 6 })).rejects.toMatchObject({ code: "ROW_LIMIT" });
  // One key, and a window a minute.
  expect((await serving(60).query(songs, { ...range, by: ["paid"], fill: "zero" })).rows).toHaveLength(60);
  await expect(serving(59).query(songs, { ...range, by: ["paid"], fill: "zero" })).rejects.toMatchObject({ code: "ROW_LIMIT" });
});
