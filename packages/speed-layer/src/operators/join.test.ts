import { from, map, toArray, lastValueFrom } from "rxjs";
import { TestScheduler } from "rxjs/testing";
import { describe, expect, it } from "vitest";
import { ConfigurationError, defineStream, simulatedClock, text, timestamp } from "@millrace/core";
import type { EventBatch } from "@millrace/core";
import { memoryLog, memorySink } from "@millrace/core/memory";
import { advanceUntil } from "../testing/advance-until.js";
import { rowBatch } from "../testing/row-batch.js";
import { join } from "./join.js";
import { changelogTable } from "./tables/changelog-table.js";
import { MissingKeyError } from "./tables/missing-key-error.js";
import { lookupTable } from "./tables/lookup-table.js";
import type { JoinTable } from "./tables/join-table.js";
import { writeTo } from "./write-to.js";

const signal = new AbortController().signal;
const batch = (follows: number, ...rows: readonly (string | undefined)[]) =>
  rowBatch<string>(follows, rows.map((row, i) => ({ offset: follows + i * 2, ...(row === undefined ? {} : { row }) })));
const shape = map(({ rows, offsets, length, from: first, until }: EventBatch<string>) => ({ rows: [...rows], offsets: [...offsets], length, from: first, until }));

/** A table that knows all there is. */
const known = (values: Readonly<Record<string, string>>): JoinTable<string, string> => ({
  name: "known",
  snapshot: () => (key) => values[key] ?? null,
  lookUp: () => Promise.reject(new Error("nothing is unknown")),
});
const select = (row: string, value: string): string => `${row}=${value}`;
const key = (row: string): string | null => (row === "-" ? null : row);

describe("join", () => {
  it("goes on at once with what the table knows, and says by its option what becomes of the others", () => {
    new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(({ cold, expectObservable, expectSubscriptions }) => {
      const a = batch(0, "x", undefined, "y", "-", "x");
      const source = cold<EventBatch<string>>("-a-b|", { a, b: batch(10, "y") });
      const table = known({ x: "1" });
      expectObservable(source.pipe(join(table, { key, select, missing: "drop" }), shape)).toBe("-a-b|", {
        a: { rows: ["x=1", "x=1"], offsets: [0, 8], length: 2, from: 0, until: 9 },
        b: { rows: [], offsets: [], length: 0, from: 10, until: 11 },
      });
      expectObservable(source.pipe(join(table, { key, select, missing: (row) => `${row}?` }), map(({ rows }) => [...rows].join()))).toBe("-a-b|", { a: "x=1,y?,-?,x=1", b: "y?" });
      expectSubscriptions(source.subscriptions).toBe(["^---!", "^---!"]);
      const failing = cold<EventBatch<string>>("-a-b|", { a, b: a });
      expectObservable(failing.pipe(join(table, { key, select, missing: "fail" }), map(() => 0))).toBe("-#", {}, new MissingKeyError("known", "y", { topic: "t", logVersion: 1_024, partition: 0 }, 4));
      expectSubscriptions(failing.subscriptions).toBe("^!");
    });
  });

  it("hands on an error of its source, and lets go of it when it is unsubscribed", () => {
    new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(({ cold, expectObservable, expectSubscriptions }) => {
      const failing = cold<EventBatch<string>>("a#", { a: batch(0, "x") }, "the log's own");
      expectObservable(failing.pipe(join(known({}), { key, select, missing: "drop" }), map(({ until }) => until))).toBe("a#", { a: 1 }, "the log's own");
      const endless = cold<EventBatch<string>>("a", { a: batch(0, "x") });
      expectObservable(endless.pipe(join(known({}), { key, select, missing: "drop" }), map(({ until }) => until)), "--!").toBe("a", { a: 1 });
      expectSubscriptions(endless.subscriptions).toBe("^-!");
    });
  });

  it("asks a lookup table once for all that a batch does not know, remembers it for its time, and keeps the order of batches", async () => {
    const clock = simulatedClock(0);
    const asked: string[] = [];
    const table = lookupTable<string, string>({
      name: "users",
      maxEntries: 10,
      ttlMs: 1_000,
      clock,
      load: async (keys) => {
        asked.push(`${clock.now()} ${keys.join()}`);
        await clock.sleep(5, signal);
        return new Map(keys.filter((each) => each !== "nobody").map((each) => [each, `${each}@${clock.now()}`]));
      },
    });
    const joined = (...batches: EventBatch<string>[]) => advanceUntil(clock, lastValueFrom(from(batches).pipe(join(table, { key, select, missing: (row) => `${row}?` }), map(({ rows }) => [...rows].join()), toArray())), 1);
    expect(await joined(batch(0, "a", "b", "a", "nobody"), batch(7, "b", "nobody", "c"), batch(12, "a"))).toEqual(["a=a@5,b=b@5,a=a@5,nobody?", "b=b@5,nobody?,c=c@10", "a=a@5"]);
    expect(asked).toEqual(["0 a,b,nobody", "5 c"]);
    await clock.advance(995 - (clock.now() - 10));
    expect(await joined(batch(0, "a", "c"))).toEqual([expect.stringMatching(/^a=a@10\d\d,c=c@10$/)]);
    expect(asked.at(-1)).toMatch(/ a$/);
  });

  it("repeats a failed load, then errors; unsubscribing aborts the load", async () => {
    const clock = simulatedClock(0);
    let loads = 0;
    const options = { name: "users", maxEntries: 10, ttlMs: 1_000, clock, maxAttempts: 3 };
    const failing = lookupTable<string, string>({ ...options, load: () => (loads++, Promise.reject(new Error("down"))) });
    const failed = lastValueFrom(from([batch(0, "a", "b")]).pipe(join(failing, { key, select, missing: "drop" })));
    await expect(advanceUntil(clock, failed)).rejects.toMatchObject({ code: "CALL_FAILED", message: 'looking up 2 keys in "users": down' });
    expect(loads).toBe(3);
    let given: AbortSignal | undefined;
    const hanging = lookupTable<string, string>({ ...options, load: (_, abort) => ((given = abort), new Promise(() => undefined)) });
    const subscription = from([batch(0, "a")]).pipe(join(hanging, { key, select, missing: "drop" })).subscribe();
    await clock.advance(1);
    subscription.unsubscribe();
    expect(given!.aborted).toBe(true);
  });
});

describe("lookupTable", () => {
  it("keeps no more keys than it may, and lets those go that nobody asks for", async () => {
    const clock = simulatedClock(0);
    const table = lookupTable<number, string>({ name: "t", maxEntries: 100, ttlMs: 1_000, clock, maxKeysPerLoad: 7, load: async (keys) => new Map(keys.map((each) => [each, `v${each}`])) });
    const knows = () => Array.from({ length: 1_000 }, (_, i) => i).filter((i) => table.snapshot()(i) !== undefined);
    for (let i = 0; i < 500; i++) {
      await table.lookUp([i], signal);
      for (let hot = 0; hot < Math.min(i, 10); hot++) expect(table.snapshot()(hot)).toBe(`v${hot}`);
    }
    expect(knows()).toHaveLength(100);
    expect([...(await table.lookUp(Array.from({ length: 20 }, (_, i) => i), signal)).keys()]).toHaveLength(20);
  });

  it("tells every mistake of its options at once", () => {
    expect(() => lookupTable({ name: "t", maxEntries: 0, ttlMs: 0, load: async () => new Map() })).toThrow(
      new ConfigurationError('making lookup table "t"', [
        { path: "maxEntries", message: "must be a whole number of at least 1, not 0" },
        { path: "ttlMs", message: "must be more than 0, not 0" },
      ]),
    );
  });
});

describe("changelogTable", () => {
  const changes = defineStream({ topic: "users", columns: { at: timestamp("ms"), id: text(), plan: text().optional() }, eventTime: "at" });
  const setUp = (maxEntries = 100) => {
    const clock = simulatedClock(1_767_614_400_000);
    const log = memoryLog({ clock, topics: { users: 2 } });
    const set = (partition: number, id: string, plan: string | null) => log.place("users", partition, [{ value: JSON.stringify({ at: clock.now(), id, plan }) }]);
    const table = changelogTable({ name: "plans", log, stream: changes, key: ({ id }) => id, value: ({ plan }) => plan, maxEntries, clock });
    const ask = (...rows: string[]) => advanceUntil(clock, lastValueFrom(from([batch(0, ...rows)]).pipe(join(table, { key, select, missing: (row) => `${row}?` }), map((each) => [...each.rows].join()))));
    return { clock, set, table, ask };
  };

  it("holds the last value of each key, waits for the whole log once, and then keeps up", async () => {
    const { clock, set, table, ask } = setUp();
    set(0, "a", "free");
    set(1, "b", "paid");
    set(0, "a", "paid");
    set(0, "c", "free");
    set(0, "c", null);
    expect(table.snapshot()("a")).toBeUndefined();
    expect(await ask("a", "b", "c", "d")).toBe("a=paid,b=paid,c?,d?");
    set(1, "d", "free");
    await clock.advance(100);
    expect(table.snapshot()("d")).toBe("free");
    expect(table.snapshot()("c")).toBeNull();
    expect(await ask("d", "c")).toBe("d=free,c?");
    table.close();
    expect(clock.sleepers).toBe(0);
    expect(table.snapshot()("a")).toBeUndefined();
  });

  it("fails beyond its bound rather than forget a key, and whoever waits is told", async () => {
    const { set, ask } = setUp(2);
    for (const id of ["a", "b", "c"]) set(0, id, "free");
    await expect(ask("a")).rejects.toMatchObject({ code: "TABLE_FULL", message: 'keeping table "plans": more than 2 keys' });
    await expect(ask("a")).rejects.toMatchObject({ code: "TABLE_FULL" });
  });

  it("lets go of who stops waiting", async () => {
    const { clock, table } = setUp();
    const abort = new AbortController();
    const waiting = table.lookUp(["a"], abort.signal);
    abort.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
    table.close();
    await clock.advance(1);
    expect(clock.sleepers).toBe(0);
  });
});

/** Checked by the compiler alone: what must not compile. */
export function typeTests(source: EventBatch<{ readonly user: string }>, table: JoinTable<string, { readonly plan: string }>): readonly unknown[] {
  return [
    from([source]).pipe(join(table, { key: ({ user }) => user, select: ({ user }, { plan }) => ({ user, plan }), missing: "drop" }), writeTo(memorySink<{ user: string; plan: string }>())),
    // @ts-expect-error nothing says what becomes of rows without a value
    from([source]).pipe(join(table, { key: ({ user }) => user, select: ({ user }, { plan }) => ({ user, plan }) })),
    // @ts-expect-error the table's keys are text
    from([source]).pipe(join(table, { key: ({ user }) => user.length, select: ({ user }, { plan }) => ({ user, plan }), missing: "drop" })),
  ];
}
