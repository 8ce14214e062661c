import fc from "fast-check";
import { from, lastValueFrom, map, toArray } from "rxjs";
import { TestScheduler } from "rxjs/testing";
import { describe, expect, it } from "vitest";
import { ConfigurationError, count, defineView, simulatedClock } from "@millrace/core";
import type { ColumnBatch, TelemetryEvent } from "@millrace/core";
import { memoryLog, memorySink, memoryViewStore } from "@millrace/core/memory";
import { consume } from "../../consume/consume.js";
import { playBatch } from "../../testing/play-batch.js";
import type { Play, PlayRecord } from "../../testing/play-batch.js";
import { playOf, plays, songs } from "../../testing/plays.js";
import type { ColumnarBatch } from "../columnar-batch.js";
import { discard } from "../discard.js";
import { foldViews } from "../fold-views.js";
import { forkTo } from "../fork-to.js";
import { mapRows } from "../map-rows.js";
import { tumbling } from "../windows/tumbling.js";
import { writeTo } from "../write-to.js";
import { dedupe } from "./dedupe.js";
import type { DedupeOptions } from "./dedupe.js";

const record = fc.record({
  stepMs: fc.constantFrom(0, 1, 5, 30, -10),
  song: fc.constantFrom("a", "b", null),
  user: fc.nat(5),
});
const log = fc.array(record, { maxLength: 60 }).map((steps) => {
  let appendedAt = 1_000;
  return steps.map(({ stepMs, song, user }, offset): PlayRecord => {
    appendedAt += stepMs;
    return { offset, at: appendedAt - 500, appendedAt, song, user, seconds: offset };
  });
});

/** By definition: a record is dropped if one with its key passed within the time, and few enough others since. */
function naive(records: readonly PlayRecord[], keyOf: (record: PlayRecord) => unknown, withinMs: number, maxKeys: number): readonly number[] {
  const passed: { readonly key: unknown; readonly at: number; readonly offset: number }[] = [];
  let now = -Infinity;
  const kept: number[] = [];
  for (const each of records) {
    now = Math.max(now, each.appendedAt!);
    const key = keyOf(each);
    const last = key === null ? undefined : passed.findLast((one) => one.key === key);
    if (last !== undefined && last.at > now - withinMs) {
      const since = new Set(passed.filter(({ offset }) => offset > last.offset).map((one) => one.key));
      if (since.size < maxKeys) continue;
    }
    kept.push(each.offset);
    if (key !== null) passed.push({ key, at: now, offset: each.offset });
  }
  return kept;
}

const ways: readonly { readonly by: DedupeOptions<Play>["by"]; readonly key: (record: PlayRecord) => unknown }[] = [
  { by: "user", key: ({ user }) => user },
  { by: "song", key: ({ song }) => song },
  { by: ["song", "user"], key: ({ song, user }) => (song === null ? null : `${song} ${user}`) },
  { by: ({ song, user }) => (song === null ? null : `${song}/${user}`), key: ({ song, user }) => (song === null ? null : `${song} ${user}`) },
];

describe("dedupe", () => {
  it("drops what its definition says, whatever the batches, and keeps rows and columns together", async () => {
    await fc.assert(
      fc.asyncProperty(log, fc.constantFrom(...ways), fc.constantFrom(20, 100, 10_000), fc.constantFrom(1, 2, 4, 100), fc.integer({ min: 1, max: 9 }), async (records, { by, key }, withinMs, maxKeys, size) => {
        const batches: ColumnBatch<Play>[] = [];
        for (let i = 0; i < records.length; i += size) batches.push(playBatch(records.slice(i, i + size), { follows: i }));
        const kept = await lastValueFrom(from(batches).pipe(dedupe({ by, withinMs, maxKeys }), toArray()));
        expect(kept.map(({ from: first, until }) => [first, until])).toEqual(batches.map(({ from: first, until }) => [first, until]));
        const offsets = naive(records, key, withinMs, maxKeys);
        expect(kept.flatMap((batch) => [...batch.offsets])).toEqual(offsets);
        const rows = offsets.map((offset) => records[offset]!);
        expect(kept.flatMap((batch) => [...batch.rows])).toEqual(rows.map(({ at, user, song, seconds }) => ({ at: new Date(at!), user, song, seconds })));
        expect(kept.flatMap((batch) => [...batch.eventTime])).toEqual(rows.map(({ at }) => at));
        expect(kept.flatMap(({ columns: { user } }) => (user!.kind === "int64" ? [...user!.values] : []))).toEqual(rows.map(({ user }) => user));
        expect(kept.flatMap(({ columns: { song } }) => (song!.kind === "text" ? Array.from(song!.codes, (code) => (code < 0 ? null : song!.kind === "text" ? song!.dictionary.text(code) : "")) : []))).toEqual(rows.map(({ song }) => song));
        expect(kept.map(({ length, appendedAt, late }) => [appendedAt.length, late.length].map((each) => each === length))).toEqual(kept.map(() => [true, true]));
      }),
      { numRuns: 200 },
    );
  });

  it("completes, errors and is unsubscribed with its source, and forgets between subscriptions", () => {
    new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(({ cold, expectObservable, expectSubscriptions }) => {
      const a = playBatch([{ offset: 0, at: 1, user: 1 }, { offset: 1, at: 1, user: 1 }]);
      const b = playBatch([{ offset: 2, at: 1, user: 1 }]);
      const users = map((batch: ColumnarBatch<Play>) => [...batch.rows].map(({ user }) => user).join());
      const source = cold<ColumnBatch<Play>>("a-b-|", { a, b });
      const distinct = source.pipe(dedupe({ by: "user", withinMs: 1_000 }), users);
      expectObservable(distinct).toBe("a-b-|", { a: "1", b: "" });
      expectObservable(distinct, "-^--!").toBe("-a-b", { a: "1", b: "" });
      expectSubscriptions(source.subscriptions).toBe(["^---!", "-^--!"]);
      expectObservable(cold<ColumnBatch<Play>>("a#", { a }).pipe(dedupe({ by: "user", withinMs: 1_000 }), users)).toBe("a#", { a: "1" });
    });
  });

  it("bounds its memory, and warns once a partition when it forgets before its time", async () => {
    const warnings: TelemetryEvent[] = [];
    const batches = Array.from({ length: 3 }, (_, b) => playBatch(Array.from({ length: 1_000 }, (_, i) => ({ offset: b * 1_000 + i, at: 1, user: b * 1_000 + i }))));
    await lastValueFrom(from(batches).pipe(dedupe({ by: "user", withinMs: 1_000, maxKeys: 1_500, telemetry: (event) => warnings.push(event) })));
    expect(warnings).toEqual([
      {
        type: "Warning",
        code: "DEDUPE_MEMORY",
        message: 'finding duplicates in "plays" partition 0: more than 1500 keys within 1000 ms, so the oldest are forgotten and their duplicates pass',
      },
    ]);
  });

  it("goes before windows, mapRows and sinks, and is refused by views when types did not", async () => {
    const clock = simulatedClock(1_767_614_400_000);
    const records = memoryLog({ clock, topics: { plays: 1 } });
    const play = (user: number, sec: number) => ({ value: playOf({ at: clock.now() + sec * 1_000, user, song: "a", seconds: sec }) });
    records.place("plays", 0, [play(1, 0), play(1, 0), play(2, 1), { ...play(3, 61), offset: 1_000 }]);
    const perMinute = defineView({ name: "minutes", from: plays, by: [], every: "minute", measures: () => ({ plays: count() }) });
    const windows = memorySink<{ readonly plays: number }>();
    const users = memorySink<number>();
    const distinct = dedupe<Play>({ by: ["user", "at"], withinMs: 60_000 });
    const subscription = consume(records, plays, { clock }, (batches) => batches.pipe(distinct, tumbling(perMinute), forkTo(writeTo(windows), discard()))).subscribe();
    subscription.add(consume(records, plays, { clock }, (batches) => batches.pipe(distinct, mapRows(({ user }) => user), writeTo(users))).subscribe());
    const failures: unknown[] = [];
    subscription.add(
      consume(records, plays, { clock, views: [songs] }, (batches) => batches.pipe(distinct, foldViews([songs], { store: memoryViewStore({ clock }), clock }) as never)).subscribe({ error: (error: unknown) => failures.push(error) }),
    );
    for (let i = 0; i < 10; i++) await clock.advance(1);
    expect(windows.rows).toMatchObject([{ plays: 2 }]);
    expect(users.rows).toEqual([1, 2]);
    expect(failures).toMatchObject([{ code: "BATCH_SOURCE", message: expect.stringContaining("its rows were mapped or filtered, and views count every record of the log") as string }]);
    subscription.unsubscribe();
  });

  it("tells every mistake of its options at once, and a column that is not there", async () => {
    expect(() => dedupe<Play>({ by: [], withinMs: 0, maxKeys: 0 })).toThrow(
      new ConfigurationError("dropping duplicates", [
        { path: "withinMs", message: "must be more than 0, not 0" },
        { path: "maxKeys", message: "must be a whole number of at least 1, not 0" },
        { path: "by", message: "must name at least one column" },
      ]),
    );
    await expect(lastValueFrom(from([playBatch([{ offset: 0, at: 1 }])]).pipe(dedupe({ by: "sogn" as "song", withinMs: 1 })))).rejects.toThrow('finding duplicates by "sogn": "plays" has no such column');
  });
});

/** Checked by the compiler alone: what must not compile. */
export function typeTests(batches: ColumnBatch<Play>): readonly unknown[] {
  const store = memoryViewStore({ clock: simulatedClock(0) });
  return [
    // @ts-expect-error views count duplicates, too
    from([batches]).pipe(dedupe({ by: "user", withinMs: 1 }), foldViews([songs], { store })),
    // @ts-expect-error the stream has no column "sogn"
    from([batches]).pipe(dedupe({ by: "sogn", withinMs: 1 })),
    // @ts-expect-error how long a key is remembered must be said
    from([batches]).pipe(dedupe({ by: "user" })),
  ];
}
