import { map } from "rxjs";
import type { OperatorFunction } from "rxjs";
import { TestScheduler } from "rxjs/testing";
import { describe, expect, it } from "vitest";
import { ConfigurationError, count, countDistinct, defineView, simulatedClock } from "@millrace/core";
import type { ColumnBatch } from "@millrace/core";
import { memoryLog, memorySink } from "@millrace/core/memory";
import { consume } from "../../consume/consume.js";
import { consumeAll } from "../../consume/consume-all.js";
import type { Progress } from "../../consume/progress.js";
import { mergedReading, playBatch } from "../../testing/play-batch.js";
import type { Play, PlayRecord } from "../../testing/play-batch.js";
import { playOf, plays } from "../../testing/plays.js";
import { discard } from "../discard.js";
import { forkTo } from "../fork-to.js";
import type { Forked } from "../forked.js";
import { mapRows } from "../map-rows.js";
import { slowestOf } from "../slowest-of.js";
import { writeTo } from "../write-to.js";
import { hopping } from "./hopping.js";
import type { LateEvent } from "./late-event.js";
import { session } from "./session.js";
import { tumbling } from "./tumbling.js";
import { WindowStateError } from "./window-state-error.js";

const bySong = defineView({ name: "songs", from: plays, by: ["song"], every: "second", measures: () => ({ plays: count() }) });
const scheduler = () => new TestScheduler((actual, expected) => expect(actual).toEqual(expected));

interface Row {
  readonly window: Date;
  readonly windowEnd: Date;
  readonly song: string | null;
  readonly plays: number;
}

/** One line an output: windows as `start-end song plays`, late events as `!offset cause missed`, progress as `until/released`. */
const brief = map(({ main, side }: Forked<Row, LateEvent<Play>>): string => {
  const rows = [...main.rows].map(({ window, windowEnd, song, plays: n }) => `${window.getTime()}-${windowEnd.getTime()} ${song} ${n}`);
  const late = [...side.rows].map(({ offset, cause, missed }) => `!${offset} ${cause} ${missed.map((start) => start.getTime()).join()}`);
  return [...rows, ...late].join("; ") || "progress";
});

/** Event time in ms. */
const at = (offset: number, ms: number, song = "a"): PlayRecord => ({ offset, at: ms, song });

/** What is emitted at one instant, in one marble. */
const LONG = "9ms";

describe("windows, in marbles", () => {
  it("closes a window when an event beyond its end and the allowed lateness comes, and completes without the open one", () => {
    scheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold<ColumnBatch<Play>>(`a ${LONG} b ${LONG} c ${LONG} |`, {
        a: playBatch([at(0, 100), at(1, 900, "b"), at(2, 1_050)]),
        b: playBatch([at(3, 999), at(4, 1_100)]),
        c: playBatch([at(5, 1_200), at(6, 500), at(7, 1_100)]),
      });
      const windows = source.pipe(tumbling(bySong, { sizeMs: 1_000, allowedLatenessMs: 100, idleAfterMs: Infinity }), brief);
      // The event at 999 is out of order and in time; the one at 500 is late, and waits for the record that seals its group.
      expectObservable(windows).toBe(`p ${LONG} (wp) 6ms p ${LONG} |`, { p: "progress", w: "0-1000 a 2; 0-1000 b 1" });
      expectSubscriptions(source.subscriptions).toBe(`^ ${LONG} - ${LONG} - ${LONG} !`);
    });
  });

  it("counts an event once in each hop that it lies in, but for those that had closed", () => {
    scheduler().run(({ cold, expectObservable }) => {
      const source = cold<ColumnBatch<Play>>(`a ${LONG} b ${LONG} c ${LONG} |`, {
        a: playBatch([at(0, 1_500), at(1, 2_100)]),
        b: playBatch([at(2, 1_900)]),
        c: playBatch([at(1_003, 3_000)], { follows: 3 }),
      });
      expectObservable(source.pipe(hopping(bySong, { sizeMs: 2_000, hopMs: 1_000, idleAfterMs: Infinity }), brief)).toBe(`(wp) 6ms p ${LONG} (lxp) 5ms |`, {
        w: "0-2000 a 1",
        // It missed the window that starts at 0, and counts in the next one.
        l: "!2 behind 0",
        x: "1000-3000 a 3",
        p: "progress",
      });
    });
  });

  it("closes sessions by slices as long as the gap", () => {
    scheduler().run(({ cold, expectObservable }) => {
      const source = cold<ColumnBatch<Play>>(`a ${LONG} b ${LONG} c ${LONG} |`, {
        a: playBatch([at(0, 100), at(1, 1_000), at(2, 1_050, "b"), at(3, 1_900)]),
        b: playBatch([at(4, 2_999, "b"), at(5, 3_000), at(6, 2_800, "b")]),
        c: playBatch([at(7, 5_000, "c")]),
      });
      expectObservable(source.pipe(session(bySong, { gapMs: 1_000, idleAfterMs: Infinity }), brief)).toBe(`p ${LONG} (wp) 6ms (lxp) 5ms |`, {
        p: "progress",
        // Both end in (2000, 3000].
        w: "100-2900 a 3; 1050-2050 b 1",
        // It is behind its partition, although a session of its key is open.
        l: "!6 behind ",
        x: "3000-4000 a 1; 2999-3999 b 1",
      });
    });
  });

  it("does not wait for a partition that has been quiet for long enough, and says so of what comes to it later", () => {
    const testing = scheduler();
    testing.run(({ cold, expectObservable }) => {
      const reading = mergedReading(0, 1);
      const source = cold<ColumnBatch<Play>>("a b 98ms c 99ms d 99ms |", {
        a: playBatch([at(0, 100)], { end: 1, reading }),
        b: playBatch([at(0, 200), at(1, 5_000)], { partition: 1, end: 2, reading }),
        // Partition 1 goes on, partition 0 does not.
        c: playBatch([at(2, 5_010)], { partition: 1, end: 3, reading }),
        // In time for its own partition, but the window is closed. Partition 1 is then quiet in its turn.
        d: playBatch([at(1, 300), at(1_001, 6_000)], { end: 1_002, reading }),
      });
      const windows = source.pipe(tumbling(bySong, { sizeMs: 1_000, idleAfterMs: 150, clock: testing }), brief);
      expectObservable(windows).toBe("- (pp) 145ms (wp) 46ms (lp) 46ms x 49ms |", { p: "progress", w: "0-1000 a 2", l: "!1 idle 0", x: "5000-6000 a 2" });
    });
  });

  it("lets event time go on at the pace of the clock when no partition has anything", () => {
    const testing = scheduler();
    testing.run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold<ColumnBatch<Play>>("a", { a: playBatch([at(0, 400)], { end: 1 }) });
      const windows = source.pipe(tumbling(bySong, { sizeMs: 1_000, allowedLatenessMs: 50, idleAfterMs: 150, clock: testing }), brief);
      expectObservable(windows, "^ 2s !").toBe("p 649ms w", { p: "progress", w: "0-1000 a 1" });
      expectSubscriptions(source.subscriptions).toBe("^ 2s !");
    });
  });

  it("hands on an error at once, and errors when too many rows are open", () => {
    scheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
      const failure = new Error("the log's own");
      const failing = cold<ColumnBatch<Play>>("a#", { a: playBatch([at(0, 1)]) }, failure);
      expectObservable(failing.pipe(tumbling(bySong), brief)).toBe("p#", { p: "progress" }, failure);
      const many = cold<ColumnBatch<Play>>("ab|", { a: playBatch([at(0, 1, "a"), at(1, 2, "b")]), b: playBatch([at(2, 3, "c")]) });
      expectObservable(many.pipe(tumbling(bySong, { maxRows: 2 }), brief)).toBe("p#", { p: "progress" }, new WindowStateError("songs-tumbling-1000", 3, 2, 0));
      expectSubscriptions(many.subscriptions).toBe("^!");
    });
  });
});

/** What the sinks hold, and how far each partition was told to be. */
function watch() {
  const windows = memorySink<Row>("windows");
  const late = memorySink<LateEvent<Play>>("late");
  const until: number[] = [];
  const released: number[] = [];
  const failures: unknown[] = [];
  return {
    windows,
    late,
    until,
    released,
    failures,
    observer: {
      next: (progress: { readonly partition: number; readonly until: number; readonly released?: number }) => {
        until[progress.partition] = progress.until;
        released[progress.partition] = progress.released!;
      },
      error: (error: unknown) => failures.push(error),
    },
    ids: () => [...windows.batches.values()].map(({ id, from, until: end, rows }) => `${id} [${from}, ${end}) ${rows.map(({ song, plays: n }) => `${song}=${n}`).join(" ")}`),
  };
}

const START_MS = 1_767_614_400_000;

function setUp(partitions: number) {
  const clock = simulatedClock(START_MS);
  const log = memoryLog({ clock, topics: { plays: partitions } });
  const append = (partition: number, sec: number, song = "a"): void => {
    log.place("plays", partition, [{ value: playOf({ at: START_MS + sec * 1_000, user: 1, song, seconds: 1 }) }]);
  };
  return { clock, log, append };
}

const settle = async (clock: { advance(ms: number): Promise<void> }, turns = 30): Promise<void> => {
  for (let i = 0; i < turns; i++) await clock.advance(1);
};

describe("windows behind a log", () => {
  it("are of all partitions behind consumeAll, and of one behind consume", async () => {
    const { clock, log, append } = setUp(2);
    for (const sec of [0, 30, 70]) for (const partition of [0, 1]) append(partition, sec, partition === 0 ? "a" : "b");
    const all = watch();
    const each = watch();
    const own = consumeAll(log, plays, { clock }, (batches) => batches.pipe(tumbling(bySong, { sizeMs: 60_000 }), forkTo(writeTo(all.windows, { clock }), writeTo(all.late, { clock })))).subscribe(all.observer);
    own.add(consume(log, plays, { clock }, (batches) => batches.pipe(tumbling(bySong, { sizeMs: 60_000 }), forkTo(writeTo(each.windows, { clock }), discard()))).subscribe(each.observer));
    await settle(clock);
    expect(all.ids()).toEqual([`songs-tumbling-60000/v1024-p0/${START_MS} [${START_MS}, ${START_MS + 60_000}) a=2 b=2`]);
    expect(each.ids().sort()).toEqual([0, 1].map((p) => `songs-tumbling-60000/v1024-p${p}/${START_MS} [${START_MS}, ${START_MS + 60_000}) ${p === 0 ? "a" : "b"}=2`));
    // The record that opened the first window is the one to start again at: the second is still open.
    expect([all.until, all.released]).toEqual([[0, 0], [3, 3]]);
    own.unsubscribe();
    expect(clock.sleepers).toBe(0);
  });

  it("may be longer than the credits: accumulators are held, and no records", async () => {
    const { clock, log, append } = setUp(1);
    for (let i = 0; i < 12_000; i++) append(0, i / 10_000);
    append(0, 3_601);
    const { windows, observer, until, released } = watch();
    const subscription = consume(log, plays, { clock, maxInFlight: 2_000 }, (batches) => batches.pipe(tumbling(bySong, { sizeMs: 3_600_000 }), forkTo(writeTo(windows, { clock }), discard()))).subscribe(observer);
    await settle(clock);
    expect(windows.rows).toEqual([{ window: new Date(START_MS), windowEnd: new Date(START_MS + 3_600_000), song: "a", plays: 12_000 }]);
    expect([until, released]).toEqual([[0], [12_001]]);
    subscription.unsubscribe();
  });

  it("hold a partition that is more than a window ahead by its credits, until the slowest comes or is quiet", async () => {
    const { clock, log, append } = setUp(2);
    for (let i = 0; i < 10_000; i++) append(0, i);
    append(1, 0);
    const { windows, observer, released } = watch();
    const subscription = consumeAll(log, plays, { clock, maxInFlight: 2_000 }, (batches) =>
      batches.pipe(tumbling(bySong, { sizeMs: 60_000, idleAfterMs: 5_000 }), forkTo(writeTo(windows, { clock }), discard())),
    ).subscribe(observer);
    await settle(clock);
    expect([windows.batches.size, released]).toEqual([0, [0, 1]]);
    await clock.advance(5_000);
    await settle(clock);
    expect([windows.batches.size, released]).toEqual([166, [10_000, 1]]);
    subscription.unsubscribe();
  });

  it("do not take a partition for idle that cannot be read for want of credits", async () => {
    const { clock, log, append } = setUp(2);
    const slow: { release: () => void } = { release: () => undefined };
    const windows = memorySink<Row>();
    const gate = {
      name: "gate",
      write: (batch: Parameters<typeof windows.write>[0], signal: AbortSignal) => new Promise<void>((resolve) => (slow.release = () => resolve(windows.write(batch, signal)))),
      close: async () => {},
    };
    const late = memorySink<LateEvent<Play>>();
    const { observer, failures } = watch();
    // Partition 1 comes to its end with all of its credits out: the window that waits for the gate holds them.
    append(0, 0);
    append(0, 100);
    append(1, 0);
    append(1, 61);
    const subscription = consumeAll(log, plays, { clock, maxInFlight: 2_000 }, (batches) =>
      batches.pipe(tumbling(bySong, { sizeMs: 60_000, idleAfterMs: 5_000 }), forkTo(writeTo<Row>(gate, { clock }), writeTo(late, { clock }))),
    ).subscribe(observer);
    await settle(clock);
    // As many as there is room for, so that it comes to its end and cannot be read on.
    for (let i = 0; i < 1_000; i++) append(1, 62);
    await settle(clock);
    for (let i = 0; i < 5; i++) append(1, 63);
    for (let sec = 101; sec < 900; sec++) append(0, sec);
    await clock.advance(20_000);
    append(0, 900);
    slow.release();
    await settle(clock);
    expect(windows.rows.map(({ window, plays: n }) => [(window.getTime() - START_MS) / 1_000, n])).toEqual([[0, 2]]);
    // It has now been asked for more for long enough.
    await clock.advance(6_000);
    slow.release();
    await settle(clock);
    expect(windows.rows.slice(1).map(({ window, plays: n }) => [(window.getTime() - START_MS) / 1_000, n])).toEqual([[60, 1 + 1_000 + 5 + 20]]);
    expect([late.rows, failures]).toEqual([[], []]);
    subscription.unsubscribe();
  });

  it("start again from progress: results that were not durable come, whole, and no cut one", async () => {
    const { clock, log, append } = setUp(1);
    for (const sec of [5, 65, 50, 125, 130, 190]) append(0, sec);
    const { windows, observer, until } = watch();
    const read = (from: number) =>
      consume(log, plays, { clock, from: () => from }, (batches) => batches.pipe(tumbling(bySong, { sizeMs: 60_000, allowedLatenessMs: 20_000 }), forkTo(writeTo(windows, { clock }), discard()))).subscribe(observer);
    const first = read(0);
    await settle(clock);
    first.unsubscribe();
    expect([windows.rows.map(({ plays: n }) => n), until]).toEqual([[2, 1], [1]]);
    append(0, 300);
    const second = read(until[0]!);
    await settle(clock);
    second.unsubscribe();
    expect(windows.rows.map(({ plays: n }) => n)).toEqual([2, 1, 2, 1]);
  });

  it("refuse another topic's records, sketches that nobody computed, and progress of another kind beside theirs", async () => {
    const { clock, log, append } = setUp(1);
    append(0, 0);
    const users = defineView({ name: "listeners", from: plays, by: [], every: "minute", measures: (c) => ({ users: countDistinct(c.user) }) });
    const failures: unknown[] = [];
    const observer = { error: (error: unknown) => failures.push(error) };
    const counted: OperatorFunction<ColumnBatch<Play>, Progress> = (source) => source.pipe(tumbling(bySong), forkTo(discard(), discard()));
    consume(log, plays, { clock }, (batches) => batches.pipe(tumbling(users), forkTo(discard(), discard()))).subscribe(observer);
    consume(log, plays, { clock }, (batches) => batches.pipe(slowestOf(discard<Play>(), counted))).subscribe(observer);
    consume(log, plays, { clock }, (batches) => batches.pipe(tumbling(bySong), map(({ main }) => main as never), tumbling(bySong), forkTo(discard(), discard()))).subscribe(observer);
    await settle(clock);
    expect(failures.map((error) => (error as Error).message)).toEqual([
      'making windows of view "listeners":\n  views: consume must be told of the view, so that it computes the sketches of "user": { views: [view] }',
      'combining terminal operators of "plays":\n  slowestOf: some take records and some take windows, which start again at different offsets: give each a consume of its own',
      `taking batch [0, 0) of "songs-tumbling-1000" partition 0 into "songs-tumbling-1000": its rows are an operator's results, such as windows, and no records of the log`,
    ]);
    const told = watch();
    const subscription = consume(log, plays, { clock, views: [users] }, (batches) => batches.pipe(tumbling(users), forkTo(discard(), discard()))).subscribe(told.observer);
    await settle(clock);
    expect([told.failures, told.released]).toEqual([[], [1]]);
    subscription.unsubscribe();
  });

  it("tell every mistake of their options at once", () => {
    expect(() => hopping(bySong, { sizeMs: 1_500, hopMs: 1_000, allowedLatenessMs: -1, idleAfterMs: 0, maxRows: 0.5, name: "a/b" })).toThrow(
      new ConfigurationError('making hopping windows of view "songs"', [
        { path: "allowedLatenessMs", message: "must be a whole number of at least 0, not -1" },
        { path: "idleAfterMs", message: "must be a whole number of at least 1, not 0" },
        { path: "maxRows", message: "must be a whole number of at least 1, not 0.5" },
        { path: "name", message: '"a/b" is not 1 to 200 letters, digits, ".", "_" and "-"' },
        { path: "sizeMs", message: "must be a multiple of hopMs, at most 10000 times as long" },
      ]),
    );
  });
});

/** Checked by the compiler alone: what must compile with its types, and what must not. */
export function typeTests(log: ReturnType<typeof memoryLog>): readonly unknown[] {
  return [
    consumeAll(log, plays, {}, (batches) =>
      batches.pipe(
        tumbling(bySong),
        forkTo(
          (windows) => windows.pipe(mapRows(({ window, song, plays: n }) => ({ at: window.getTime(), title: song?.toUpperCase() ?? null, n: n.toFixed() })), writeTo(memorySink<{ at: number; title: string | null; n: string }>())),
          (late) => late.pipe(mapRows(({ row, cause }) => ({ user: row.user.toFixed(), cause })), writeTo(memorySink<{ user: string; cause: "behind" | "idle" | "restart" }>())),
        ),
      ),
    ),
    // @ts-expect-error nobody says what becomes of late events
    consumeAll(log, plays, {}, (batches) => batches.pipe(tumbling(bySong), writeTo(memorySink<Row>()))),
    // @ts-expect-error windows that nobody made durable are no progress
    consumeAll(log, plays, {}, (batches) => batches.pipe(tumbling(bySong))),
    // @ts-expect-error a window's row has no column "sogn"
    consumeAll(log, plays, {}, (batches) => batches.pipe(tumbling(bySong), forkTo((rows) => rows.pipe(mapRows(({ sogn }) => sogn), discard()), discard()))),
    // @ts-expect-error rows that were mapped have no columns to count
    consumeAll(log, plays, {}, (batches) => batches.pipe(mapRows(({ song }) => ({ song })), tumbling(bySong), forkTo(discard(), discard()))),
  ];
}
