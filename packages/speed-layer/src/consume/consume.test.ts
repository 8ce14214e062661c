import { EMPTY, Subject, ignoreElements, map, merge, tap } from "rxjs";
import type { Observable, Subscription } from "rxjs";
import { describe, expect, it } from "vitest";
import { ConfigurationError, simulatedClock } from "@millrace/core";
import type { EventLog } from "@millrace/core";
import { memoryLog, memorySink } from "@millrace/core/memory";
import { filterRows } from "../operators/filter-rows.js";
import { mapRows } from "../operators/map-rows.js";
import { writeTo } from "../operators/write-to.js";
import { playOf, plays } from "../testing/plays.js";
import { consume } from "./consume.js";
import { progressOf } from "./progress.js";
import type { Progress } from "./progress.js";

const START_MS = 1_767_614_400_000;

function setUp(partitions = 1) {
  const clock = simulatedClock(START_MS);
  const log = memoryLog({ clock, topics: { plays: partitions } });
  const append = (count: number, partition = 0): void => {
    for (let i = 0; i < count; i++) log.place("plays", partition, [{ value: playOf({ at: START_MS, user: i, song: `s${i % 3}`, seconds: i }) }]);
  };
  return { clock, log, append };
}

/** What a subscription has seen. */
function watch<T>(source: Observable<T>): { readonly seen: T[]; readonly failures: unknown[]; readonly subscription: Subscription } {
  const seen: T[] = [];
  const failures: unknown[] = [];
  const subscription = source.subscribe({ next: (value) => seen.push(value), error: (error: unknown) => failures.push(error) });
  return { seen, failures, subscription };
}

describe("consume", () => {
  it("gives typed rows of each partition in order, and new partitions as they are added", async () => {
    const { clock, log, append } = setUp();
    append(2);
    const rows: string[] = [];
    const { subscription } = watch(
      consume(log, plays, { clock, refreshMs: 500 }, (batches, partition) =>
        batches.pipe(
          tap((batch) => {
            for (const { user, song, at } of batch.rows) rows.push(`p${partition} ${user} ${song?.toUpperCase()} ${at.getTime() - START_MS}`);
          }),
          map(({ topic, until }) => progressOf(topic, partition, until)),
        ),
      ),
    );
    await clock.advance(0);
    expect(rows).toEqual(["p0 0 S0 0", "p0 1 S1 0"]);
    await log.createTopic("plays", { partitions: 2 }, new AbortController().signal);
    append(1, 1);
    append(1, 0);
    await clock.advance(499);
    expect(rows.slice(2)).toEqual(["p0 0 S0 0"]);
    await clock.advance(1);
    expect(rows.slice(3)).toEqual(["p1 0 S0 0"]);
    subscription.unsubscribe();
    expect(clock.sleepers).toBe(0);
  });

  it("reads no further than its credits, whatever the pipeline does not release", async () => {
    const { clock, log, append } = setUp();
    append(7_000);
    let pulled = 0;
    const counting: EventLog = {
      ...log,
      async *read(request, signal) {
        for await (const batch of log.read(request, signal)) {
          pulled += batch.length;
          yield batch;
        }
      },
    };
    let release: (until: number) => void = () => undefined;
    const { subscription } = watch(
      consume(counting, plays, { clock, maxInFlight: 2_000 }, (batches) => {
        const released = new Subject<Progress>();
        release = (until) => released.next(progressOf("plays", 0, until));
        return merge(batches.pipe(ignoreElements()), released);
      }),
    );
    await clock.advance(10);
    expect(pulled).toBe(2_000);
    release(999);
    await clock.advance(10);
    expect(pulled).toBe(2_000);
    release(1_000);
    await clock.advance(10);
    expect(pulled).toBe(3_000);
    release(2_500);
    await clock.advance(10);
    expect(pulled).toBe(4_000);
    subscription.unsubscribe();
  });

  it("stops everything at the first error of a partition, and hands it on", async () => {
    const { clock, log, append } = setUp(2);
    append(1, 0);
    append(1, 1);
    const failure = new Error("a pipeline's own");
    let open = 0;
    const counting: EventLog = {
      ...log,
      async *read(request, signal) {
        open++;
        try {
          yield* log.read(request, signal);
        } finally {
          open--;
        }
      },
    };
    const { failures } = watch(
      consume(counting, plays, { clock }, (batches, partition) =>
        batches.pipe(
          map((batch) => {
            if (partition === 1) throw failure;
            return progressOf(batch.topic, partition, batch.until);
          }),
        ),
      ),
    );
    await clock.advance(10);
    expect(failures).toEqual([failure]);
    expect(open).toBe(0);
    expect(clock.sleepers).toBe(0);
  });

  it("hands on what the log throws, and aborts its reading when it is unsubscribed", async () => {
    const { clock, log, append } = setUp();
    append(3);
    log.trim("plays", 0, 2);
    const { failures } = watch(consume(log, plays, { clock, from: () => 0 }, () => EMPTY));
    expect(failures).toEqual([]);
    const trimmed = watch(consume(log, plays, { clock, from: () => 0 }, (batches) => batches.pipe(writeTo(memorySink()))));
    await clock.advance(10);
    expect(trimmed.failures).toMatchObject([{ code: "LOG_TRIMMED", from: 0, start: 2 }]);

    const signals: AbortSignal[] = [];
    const watched: EventLog = {
      ...log,
      read(request, signal) {
        signals.push(signal);
        return log.read(request, signal);
      },
    };
    const { subscription, failures: none } = watch(consume(watched, plays, { clock }, (batches) => batches.pipe(writeTo(memorySink()))));
    await clock.advance(10);
    subscription.unsubscribe();
    await clock.advance(10);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    expect(none).toEqual([]);
  });

  it("writes sealed batches of mapped and filtered rows, the same ones however it reads", async () => {
    const { clock, log, append } = setUp();
    append(2_500);
    const sink = memorySink<{ readonly user: number }>();
    const { seen, subscription } = watch(
      consume(log, plays, { clock, maxInFlight: 2_000 }, (batches) =>
        batches.pipe(
          filterRows(({ song }) => song === "s1"),
          mapRows(({ user }) => ({ user })),
          writeTo(sink, { clock }),
        ),
      ),
    );
    for (let turn = 0; turn < 10; turn++) await clock.advance(1);
    expect([...sink.batches.keys()]).toEqual(["plays/v1024-p0/0", "plays/v1024-p0/1000"]);
    expect(sink.rows.map(({ user }) => user)).toEqual(Array.from({ length: 2_000 }, (_, i) => i).filter((i) => i % 3 === 1));
    expect(seen.map(({ until }) => until)).toEqual([1_000, 2_000]);
    subscription.unsubscribe();
  });

  it("refuses credits with which a sink batch might never be sealed", () => {
    const { clock, log } = setUp();
    expect(() => consume(log, plays, { clock, maxInFlight: 1_999 }, () => EMPTY)).toThrow(ConfigurationError);
  });
});

/** Checked by the compiler alone: what must not compile. */
export function typeTests(log: EventLog): readonly Observable<Progress>[] {
  return [
    // @ts-expect-error batches that nobody made durable are no progress: their credits would never return
    consume(log, plays, {}, (batches) => batches),
    // @ts-expect-error an object of the same shape was not made by a terminal operator
    consume(log, plays, {}, (batches) => batches.pipe(map(({ topic, partition, until }) => ({ topic, partition, until })))),
    // @ts-expect-error the stream has no column "sogn"
    consume(log, plays, {}, (batches) => batches.pipe(mapRows(({ sogn }) => ({ sogn })), writeTo(memorySink<{ sogn: unknown }>()))),
    // @ts-expect-error a sink of other rows
    consume(log, plays, {}, (batches) => batches.pipe(writeTo(memorySink<{ nope: string }>()))),
  ];
}
