import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { duckdbEngine } from "@millrace/batch-layer/duckdb";
import { FIRST_LOG_VERSION, type AnyView, type SqlEngine } from "@millrace/core";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { AnyQuery } from "./query/query.js";
import { createServing } from "./serving.js";
import { naiveAnswer } from "./testing/naive-answer.js";
import { names, songs, totals, type Play } from "./testing/plays.js";
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
  seconds: fc.integer({ min: -500, max: 100_000 }),
  userId: fc.option(fc.integer({ min: -3, max: 40 })),
});
const partition = fc.record({ plays: fc.array(play, { maxLength: 25 }), lengths: fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 25, maxLength: 25 }), cutAt: fc.nat(6), open: fc.boolean() });

const query: fc.Arbitrary<AnyQuery & { readonly view: string }> = fc
  .constantFrom<AnyView>(songs, songs, songs, names, totals)
  .chain((view) => {
    const { every, by, measures } = view.definition;
    const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
    return fc
      .record({
        view: fc.constant(view.name),
        from: fc.integer({ min: DST - 45 * HOUR, max: DST + 20 * HOUR }),
        length: fc.integer({ min: 1, max: 60 * HOUR }),
        granularity: optional(fc.constantFrom(...(every === "minute" ? (["minute"] as const) : []), "hour", "day", "week", "month", "year", "all")),
        zone: optional(fc.constantFrom("UTC", "America/New_York", ...(every === "minute" ? ["Asia/Kolkata", "Australia/Lord_Howe"] : []))),
        by: optional(fc.subarray([...by])),
        where: optional(fc.record({ artist: optional(fc.oneof(text, fc.array(text, { maxLength: 3 }))), song: optional(fc.constantFrom(null, "a", [null, "é"])), paid: optional(fc.boolean()) })),
        order: optional(fc.tuple(fc.constantFrom("window", ...by, ...measures.map(({ name }) => name)), fc.constantFrom("asc", "desc"))),
        limit: optional(fc.integer({ min: 1, max: 5 })),
        limitPerWindow: optional(fc.integer({ min: 1, max: 3 })),
        fill: fc.constantFrom(undefined, undefined, "zero" as const),
      })
      .map(({ order, length, where, ...rest }) => {
        const asked = rest.by ?? by;
        const orderBy = order !== undefined && (by.includes(order[0]) ? asked.includes(order[0]) : order[0] !== "window" || rest.granularity !== "all") ? order.join(" ") : undefined;
        const filters = where === undefined ? undefined : Object.fromEntries(Object.entries(where).filter(([name, value]) => by.includes(name) && value !== undefined));
        const all = { ...rest, until: rest.from + length, where: filters, orderBy };
        return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as unknown as AnyQuery & { readonly view: string };
      });
  });

it("batch below any cut and partials at or above it = the naive fold, whatever is asked", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(partition, { minLength: 1, maxLength: 3 }), fc.array(query, { minLength: 6, maxLength: 6 }), fc.boolean(), async (partitions, queries, generation) => {
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
      const views = [songs, names, totals].map(({ definition }) => definition);
      if (generation) await world.publish(views, events, { plays: cut });
      // Segments below the cut have rows too, as long as they live: they must not count twice.
      for (const segment of segments) for (const view of views) await world.speed(view, events, segment);
      const serving = createServing({ ...world, views: [songs, names, totals] });
      for (const { view, ...asked } of queries) {
        const answer = await serving.query(view as "songs", asked as never);
        expect(answer.rows).toEqual(naiveAnswer(views.find(({ name }) => name === view)!, events, asked));
        expect(answer.envelope).toMatchObject({ generation: generation ? 1 : 0, complete: true, behind: 0 });
        // The second time from the cache.
        expect((await serving.query(view as "songs", asked as never)).rows).toEqual(answer.rows);
      }
    }),
    { numRuns: 25 },
  );
});
