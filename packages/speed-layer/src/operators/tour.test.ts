import type { Observable } from "rxjs";
import { describe, expect, it } from "vitest";
import { count, decimal, defineStream, defineView, max, simulatedClock, sum, text, timestamp } from "@millrace/core";
import type { SinkBatch, SimulatedClock } from "@millrace/core";
import { memoryLog, memorySink } from "@millrace/core/memory";
import { consume } from "../consume/consume.js";
import { consumeAll } from "../consume/consume-all.js";
import type { Progress } from "../consume/progress.js";
import { attempt } from "./attempt.js";
import type { FailedRow } from "./attempt.js";
import { dedupe } from "./dedupe/dedupe.js";
import { discard } from "./discard.js";
import { filterRows } from "./filter-rows.js";
import { forkTo } from "./fork-to.js";
import { join } from "./join.js";
import { mapRows } from "./map-rows.js";
import { rateLimit } from "./rate-limit.js";
import { changelogTable } from "./tables/changelog-table.js";
import { lookupTable } from "./tables/lookup-table.js";
import { hopping } from "./windows/hopping.js";
import type { LateEvent } from "./windows/late-event.js";
import { session } from "./windows/session.js";
import { tumbling } from "./windows/tumbling.js";
import { writeTo } from "./write-to.js";

// The code of docs/guides/operators.md.

// region stream
const readings = defineStream({
  topic: "readings",
  columns: { at: timestamp("ms"), id: text(), meter: text(), kwh: decimal(3) },
  eventTime: "at",
});

const usage = defineView({
  name: "usage",
  from: readings,
  by: ["meter"],
  every: "minute",
  measures: (c) => ({ readings: count(), kwh: sum(c.kwh), highest: max(c.kwh) }),
});
// endregion

const START_MS = Date.UTC(2026, 2, 1, 10);

interface Reading {
  readonly at: Date;
  readonly id: string;
  readonly meter: string;
  readonly kwh: number;
}

function setUp() {
  const clock = simulatedClock(START_MS);
  const log = memoryLog({ clock, topics: { readings: 2, meters: 1 } });
  // Each record is a sink batch of its own; the last one waits for the next.
  let offset = 0;
  const read = (partition: number, sec: number, meter: string, kwh: number, id = `${meter}-${sec}`): void => {
    log.place("readings", partition, [{ value: JSON.stringify({ at: START_MS + sec * 1_000, id, meter, kwh }), offset: (offset += 1_000) }]);
  };
  return { clock, log, read };
}

async function run(clock: SimulatedClock, progress: Observable<Progress>, ms = 100): Promise<readonly unknown[]> {
  const failures: unknown[] = [];
  const subscription = progress.subscribe({ error: (error: unknown) => failures.push(error) });
  for (let turn = 0; turn < 20; turn++) await clock.advance(ms / 20);
  subscription.unsubscribe();
  return failures;
}

const briefly = (rows: readonly { readonly window: Date; readonly windowEnd: Date; readonly meter: string; readonly kwh: number }[]): readonly string[] =>
  rows.map(({ window, windowEnd, meter, kwh }) => `${window.toISOString().slice(14, 19)}-${windowEnd.toISOString().slice(14, 19)} ${meter} ${kwh}`);

describe("the tour of operators", () => {
  it("maps, filters and writes", async () => {
    const { clock, log, read } = setUp();
    for (const [sec, kwh] of [[0, 0.5], [1, 12], [2, 15], [3, 1]] as const) read(0, sec, "north", kwh);
    const alarms = memorySink<{ readonly meter: string; readonly watts: number }>();
    // region rows
    const progress = consume(log, readings, { clock }, (batches) =>
      batches.pipe(
        filterRows(({ kwh }) => kwh > 10),
        mapRows(({ meter, kwh }) => ({ meter, watts: kwh * 1_000 })),
        writeTo(alarms, { clock }),
      ),
    );
    // endregion
    expect(await run(clock, progress)).toEqual([]);
    expect(alarms.rows).toEqual([{ meter: "north", watts: 12_000 }, { meter: "north", watts: 15_000 }]);
  });

  it("counts in windows that stand side by side, and hands late events out", async () => {
    const { clock, log, read } = setUp();
    read(0, 10, "north", 1);
    read(0, 70, "north", 2);
    read(1, 20, "south", 4);
    read(0, 50, "north", 8);
    read(1, 95, "south", 16);
    read(0, 95, "north", 32);
    read(0, 55, "north", 64);
    read(0, 130, "north", 128);
    const windows = memorySink<{ window: Date; windowEnd: Date; meter: string; readings: number; kwh: number; highest: number | null }>();
    const late = memorySink<LateEvent<Reading>>();
    // region tumbling
    const progress = consumeAll(log, readings, { clock }, (batches) =>
      batches.pipe(
        tumbling(usage, { sizeMs: 60_000, allowedLatenessMs: 30_000 }),
        forkTo(writeTo(windows, { clock }), writeTo(late, { clock })),
      ),
    );
    // endregion
    expect(await run(clock, progress)).toEqual([]);
    expect(briefly(windows.rows)).toEqual(["00:00-01:00 north 9", "00:00-01:00 south 4"]);
    expect(late.rows.map(({ row, cause, behindMs }) => [row.id, cause, behindMs])).toEqual([["north-55", "behind", 40_000]]);
    expect([...windows.batches.keys()]).toEqual([`usage-tumbling-60000/v1024-p0/${START_MS}`]);
  });

  it("counts in windows that overlap, and in sessions", async () => {
    const { clock, log, read } = setUp();
    for (const sec of [0, 50, 100, 400, 800]) for (const partition of [0, 1]) read(partition, sec, "north", 1);
    const trends = memorySink<{ window: Date; windowEnd: Date; meter: string; kwh: number }>();
    const visits = memorySink<{ window: Date; windowEnd: Date; meter: string; kwh: number }>();
    // region hopping
    const trend = consumeAll(log, readings, { clock }, (batches) =>
      batches.pipe(hopping(usage, { sizeMs: 300_000, hopMs: 60_000 }), forkTo(writeTo(trends, { clock }), discard())),
    );
    // endregion
    // region session
    const runs = consumeAll(log, readings, { clock }, (batches) =>
      batches.pipe(session(usage, { gapMs: 120_000, allowedLatenessMs: 30_000 }), forkTo(writeTo(visits, { clock }), discard())),
    );
    // endregion
    expect([...(await run(clock, trend)), ...(await run(clock, runs))]).toEqual([]);
    expect(briefly(trends.rows).slice(3, 7)).toEqual(["59:00-04:00 north 6", "00:00-05:00 north 6", "01:00-06:00 north 2", "02:00-07:00 north 2"]);
    expect(briefly(visits.rows)).toEqual(["00:00-03:40 north 6", "06:40-08:40 north 2"]);
  });

  it("drops copies", async () => {
    const { clock, log, read } = setUp();
    for (const id of ["a", "b", "a", "c", "d"]) read(0, 0, "north", 1, id);
    const once = memorySink<Reading>();
    // region dedupe
    const progress = consume(log, readings, { clock }, (batches) =>
      batches.pipe(dedupe({ by: "id", withinMs: 3_600_000, maxKeys: 500_000 }), writeTo(once, { clock })),
    );
    // endregion
    expect(await run(clock, progress)).toEqual([]);
    expect(once.rows.map(({ id }) => id)).toEqual(["a", "b", "c"]);
  });

  it("looks values up", async () => {
    const { clock, log, read } = setUp();
    for (const meter of ["north", "south", "nowhere", "north", "north"]) read(0, 0, meter, 1);
    const database = { households: async (ids: readonly string[]) => new Map(ids.filter((id) => id !== "nowhere").map((id) => [id, { town: `${id}ville` }])) };
    log.place("meters", 0, [{ value: JSON.stringify({ at: START_MS, meter: "north", tariff: "night" }) }, { value: JSON.stringify({ at: START_MS, meter: "south", tariff: null }) }]);
    const billed = memorySink<{ readonly meter: string; readonly kwh: number; readonly town: string; readonly tariff: string }>();
    // region join
    const households = lookupTable({
      name: "households",
      load: (meters: readonly string[]) => database.households(meters),
      maxEntries: 100_000,
      ttlMs: 600_000,
      clock,
    });
    const meters = defineStream({ topic: "meters", columns: { at: timestamp("ms"), meter: text(), tariff: text().optional() }, eventTime: "at" });
    const tariffs = changelogTable({
      name: "tariffs",
      log,
      stream: meters,
      key: ({ meter }) => meter,
      value: ({ tariff }) => tariff,
      maxEntries: 100_000,
      clock,
    });
    const progress = consume(log, readings, { clock }, (batches) =>
      batches.pipe(
        join(households, { key: ({ meter }) => meter, select: ({ meter, kwh }, { town }) => ({ meter, kwh, town }), missing: "drop" }),
        join(tariffs, { key: ({ meter }) => meter, select: (row, tariff) => ({ ...row, tariff }), missing: (row) => ({ ...row, tariff: "day" }) }),
        writeTo(billed, { clock }),
      ),
    );
    // endregion
    expect(await run(clock, progress)).toEqual([]);
    tariffs.close();
    expect(billed.rows).toEqual([{ meter: "north", kwh: 1, town: "northville", tariff: "night" }, { meter: "south", kwh: 1, town: "southville", tariff: "day" }, { meter: "north", kwh: 1, town: "northville", tariff: "night" }]);
  });

  it("calls, repeats and gives up, at a limited rate", async () => {
    const { clock, log, read } = setUp();
    for (let i = 0; i < 6; i++) read(0, i, i === 1 ? "broken" : "north", i);
    const calls: number[] = [];
    const switchOff = async ({ rows }: SinkBatch<Reading>, _: AbortSignal): Promise<void> => {
      calls.push(clock.now() - START_MS);
      if (rows.some(({ meter }) => meter === "broken")) throw new Error("no answer");
    };
    const failures = memorySink<FailedRow<Reading>>();
    // region attempt
    const progress = consume(log, readings, { clock }, (batches) =>
      batches.pipe(
        rateLimit({ perSecond: 2, burst: 1, clock }),
        attempt("switching off", (batch, signal) => switchOff(batch, signal), { maxAttempts: 3, maxOffsets: 1, clock }),
        forkTo(discard(), writeTo(failures, { clock })),
      ),
    );
    // endregion
    expect(await run(clock, progress, 5_000)).toEqual([]);
    expect(failures.rows).toMatchObject([{ row: { meter: "broken" }, attempts: 3, error: expect.stringContaining("no answer") as string }]);
    expect(calls).toHaveLength(7);
    expect(calls.at(-1)! - calls[0]!).toBeGreaterThanOrEqual(2_000);
  });
});
