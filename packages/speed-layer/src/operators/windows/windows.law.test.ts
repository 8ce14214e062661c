import fc from "fast-check";
import { from } from "rxjs";
import { describe, expect, it } from "vitest";
import { count, defineView, max, sum } from "@millrace/core";
import type { OperatorFunction } from "rxjs";
import type { ColumnarBatch } from "../columnar-batch.js";
import { dedupe } from "../dedupe/dedupe.js";
import { forkTo } from "../fork-to.js";
import type { Timers } from "../timers.js";
import type { Forked } from "../forked.js";
import { collect } from "../../testing/collect.js";
import { mergedReading, playBatch } from "../../testing/play-batch.js";
import type { Play, PlayRecord } from "../../testing/play-batch.js";
import { plays } from "../../testing/plays.js";
import { hopping } from "./hopping.js";
import type { LateEvent } from "./late-event.js";
import { session } from "./session.js";
import { tumbling } from "./tumbling.js";

const view = defineView({
  name: "v",
  from: plays,
  where: (c) => c.user.ne(0),
  by: ["song"],
  every: "second",
  measures: (c) => ({ plays: count(), seconds: sum(c.seconds), longest: max(c.seconds) }),
});

interface Row {
  readonly window: Date;
  readonly windowEnd: Date;
  readonly song: string | null;
  readonly plays: number;
  readonly seconds: number;
  readonly longest: number | null;
}
type Operator = OperatorFunction<ColumnarBatch<Play>, Forked<Row, LateEvent<Play>>>;

/** Partition by partition, in the order of the log. */
type Log = readonly (readonly PlayRecord[])[];

const LATENESS_MS = 40;
const PARTITIONS = [0, 1, 2];

const record = fc.record({
  // Seldom, so that a group of late events, of a thousand offsets, often spans a record that a restart begins at.
  gap: fc.oneof({ weight: 12, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constantFrom(1, 990) }),
  stepMs: fc.oneof({ weight: 8, arbitrary: fc.integer({ min: 0, max: 30 }) }, { weight: 3, arbitrary: fc.integer({ min: -120, max: 0 }) }, { weight: 1, arbitrary: fc.integer({ min: 0, max: 300 }) }),
  kind: fc.constantFrom("event", "event", "event", "event", "filtered", "undecodable"),
  song: fc.constantFrom("a", "b", null),
  seconds: fc.nat(9),
});
const log: fc.Arbitrary<Log> = fc.tuple(...PARTITIONS.map(() => fc.array(record, { maxLength: 60, size: "max" }))).map((partitions) =>
  partitions.map((records) => {
    let offset = -1;
    let at = 1_000;
    return records.map(({ gap, stepMs, kind, song, seconds }): PlayRecord => {
      offset += 1 + gap;
      at = Math.max(0, at + stepMs);
      return { offset, at: kind === "undecodable" ? null : at, song, seconds, user: kind === "filtered" ? 0 : 1 };
    });
  }),
);
/** In which order partitions are read, and how many records at once. */
const schedule = fc.array(fc.tuple(fc.constantFrom(...PARTITIONS), fc.integer({ min: 1, max: 12 })), { minLength: 1, maxLength: 40 });
type Schedule = readonly (readonly [partition: number, records: number])[];

interface Results {
  readonly main: Map<string, readonly Row[]>;
  readonly late: Map<string, readonly LateEvent<Play>[]>;
  /** Ends of partitions, as far as they have been seen. */
  readonly ends: number[];
}
const noResults = (): Results => ({ main: new Map(), late: new Map(), ends: PARTITIONS.map(() => 0) });

/** What happens before each batch of a live log, in which a batch is all that there is yet. */
interface Live {
  readonly before: () => void;
  /** A batch may be written again with other rows: the last ones count. */
  readonly mayChange?: boolean;
  /** Broker time of records that have none yet. */
  readonly now?: () => number;
}

/** Reads the log from `starts` on by the schedule, again and again, until it is read or `crashAfter` batches; gives the progress. In a `live` log records are there when they are read first. */
function run(operator: () => Operator, records: Log, order: Schedule, into: Results, starts: readonly number[] = PARTITIONS.map(() => 0), crashAfter = Infinity, live?: Live): readonly number[] {
  const reading = mergedReading(...PARTITIONS);
  const position = [...starts];
  const until = [...starts];
  const batches = function* () {
    const emptied = new Set<number>();
    for (let turn = 0, given = 0; given < crashAfter && emptied.size < PARTITIONS.length; turn++) {
      // Beyond the schedule, all in turn.
      const [partition, size] = order[turn] ?? [turn % PARTITIONS.length, 3];
      const next = records[partition]!.filter(({ offset }) => offset >= position[partition]!).slice(0, size);
      if (next.length === 0) {
        emptied.add(partition);
        if (turn >= order.length + PARTITIONS.length) continue;
      }
      given++;
      live?.before();
      if (live?.now !== undefined) for (const each of next as { appendedAt: number }[]) if (Number.isNaN(each.appendedAt)) each.appendedAt = live.now();
      const until = (next.at(-1)?.offset ?? position[partition]! - 1) + 1;
      const end = live === undefined ? (records[partition]!.at(-1)?.offset ?? -1) + 1 : Math.max(until, into.ends[partition]!);
      into.ends[partition] = end;
      yield playBatch(next, { partition, follows: position[partition]!, end, reading });
      if (next.length > 0) position[partition] = next.at(-1)!.offset + 1;
    }
  };
  let failure: Error | undefined;
  from(batches())
    .pipe(operator(), forkTo(collect(into.main, live?.mayChange), collect(into.late, live?.mayChange)))
    .subscribe({ next: ({ partition, until: reached }) => (until[partition] = reached), error: (error: Error) => (failure = error) });
  if (failure !== undefined) throw failure;
  return until;
}

/** Which events of a partition are late, and what the newest event time was at the end. */
function naiveLateness(records: readonly PlayRecord[], missed: (at: number, bound: number) => number) {
  let newest = -Infinity;
  const events: { readonly at: number; readonly record: PlayRecord; readonly missed: number }[] = [];
  for (const each of records) {
    if (each.at === null) continue;
    events.push({ at: each.at, record: each, missed: missed(each.at, newest - LATENESS_MS) });
    newest = Math.max(newest, each.at);
  }
  return { events: events.filter(({ record: { user } }) => user !== 0), newest };
}

function naiveRow(start: number, end: number, song: string | null, records: readonly PlayRecord[]): string {
  const seconds = records.map((each) => each.seconds!);
  return JSON.stringify({ window: new Date(start), windowEnd: new Date(end), song, plays: records.length, seconds: seconds.reduce((a, b) => a + b, 0), longest: Math.max(...seconds) });
}

const SONGS = [null, "a", "b"];

/** Windows by definition: the events that did not miss them, once the slowest partition is past their end. */
function naiveTimeWindows(records: Log, sizeMs: number, hopMs: number) {
  const startsOf = (at: number): number[] => {
    const starts: number[] = [];
    for (let start = Math.floor(at / hopMs) * hopMs; start > at - sizeMs; start -= hopMs) starts.unshift(start);
    return starts;
  };
  const partitions = records.map((each) => naiveLateness(each, (at, bound) => startsOf(at).filter((start) => start + sizeMs <= bound).length));
  const watermark = Math.min(...partitions.map(({ newest }) => newest)) - LATENESS_MS;
  const windows = new Map<number, PlayRecord[]>();
  for (const { events } of partitions) for (const { at, record: each, missed } of events) for (const start of startsOf(at).slice(missed)) windows.set(start, [...(windows.get(start) ?? []), each]);
  const rows = [...windows]
    .filter(([start]) => start + sizeMs <= watermark)
    .sort(([a], [b]) => a - b)
    .map(([start, own]) => [start, SONGS.flatMap((song) => {
      const group = own.filter((each) => each.song === song);
      return group.length === 0 ? [] : [naiveRow(start, start + sizeMs, song, group)];
    })] as const);
  return { rows: new Map(rows), late: partitions.map(({ events }) => events.flatMap(({ record: { offset }, at, missed }) => (missed === 0 ? [] : [`${offset} ${startsOf(at).slice(0, missed).join()}`]))) };
}

function naiveSessions(records: Log, gapMs: number) {
  const partitions = records.map((each) => naiveLateness(each, (at, bound) => (at < bound ? 1 : 0)));
  const watermark = Math.min(...partitions.map(({ newest }) => newest)) - LATENESS_MS;
  const rows = new Map<number, string[]>();
  for (const song of SONGS) {
    const events = partitions.flatMap(({ events: all }) => all.filter(({ record: each, missed }) => each.song === song && missed === 0)).sort((a, b) => a.at - b.at);
    const sessions: PlayRecord[][] = [];
    for (const { at, record: each } of events) {
      const last = sessions.at(-1);
      if (last !== undefined && at - last.at(-1)!.at! < gapMs) last.push(each);
      else sessions.push([each]);
    }
    for (const own of sessions) {
      const end = own.at(-1)!.at! + gapMs;
      const slice = Math.ceil(end / gapMs) * gapMs - gapMs;
      if (slice + gapMs <= watermark) rows.set(slice, [...(rows.get(slice) ?? []), naiveRow(own[0]!.at!, end, song, own)]);
    }
  }
  return { rows, late: partitions.map(({ events }) => events.flatMap(({ record: { offset }, missed }) => (missed === 0 ? [] : [`${offset} `]))) };
}

const kinds: readonly { readonly name: string; readonly operator: () => Operator; readonly naive: (records: Log) => ReturnType<typeof naiveTimeWindows> }[] = [
  { name: "tumbling", operator: () => tumbling(view, { sizeMs: 50, allowedLatenessMs: LATENESS_MS, idleAfterMs: Infinity, name: "w" }), naive: (records) => naiveTimeWindows(records, 50, 50) },
  { name: "hopping", operator: () => hopping(view, { sizeMs: 60, hopMs: 20, allowedLatenessMs: LATENESS_MS, idleAfterMs: Infinity, name: "w" }), naive: (records) => naiveTimeWindows(records, 60, 20) },
  { name: "session", operator: () => session(view, { gapMs: 25, allowedLatenessMs: LATENESS_MS, idleAfterMs: Infinity, name: "w" }), naive: (records) => naiveSessions(records, 25) },
];

const startOf = (id: string): number => Number(id.slice(id.lastIndexOf("/") + 1));

describe.each(kinds)("$name", ({ operator, naive }) => {
  it("gives what its definition says, whatever the batches and however partitions interleave", () => {
    fc.assert(
      fc.property(log, schedule, (records, order) => {
        const results = noResults();
        run(operator, records, order, results);
        const { main, late } = results;
        const expected = naive(records);
        expect(new Map([...main].map(([id, rows]) => [startOf(id), rows.map((row) => JSON.stringify(row))]))).toEqual(expected.rows);
        // Late events of the last group wait for the record that seals it.
        const seen = PARTITIONS.map((partition) => [...late].filter(([id]) => id.startsWith(`w-late/v1024-p${partition}/`)).flatMap(([, events]) => events.map(({ offset, missed }) => `${offset} ${missed.map((start) => start.getTime()).join()}`)));
        for (const partition of PARTITIONS) {
          expect(expected.late[partition]!.slice(0, seen[partition]!.length)).toEqual(seen[partition]);
          const unsealed = expected.late[partition]!.slice(seen[partition]!.length).map((event) => Math.floor(Number(event.split(" ")[0]) / 1_000));
          expect(new Set(unsealed).size).toBeLessThanOrEqual(1);
        }
        for (const events of late.values()) for (const { cause } of events) expect(cause).toBe("behind");
      }),
      { numRuns: 50 },
    );
  });

  it("gives the same in a replay, from the start and after crashes: no window is lost, cut, or written with other rows", () => {
    fc.assert(
      fc.property(log, schedule, schedule, fc.array(fc.integer({ min: 1, max: 25 }), { minLength: 1, maxLength: 4 }), (records, order, other, crashes) => {
        const once = noResults();
        run(operator, records, order, once);
        const crashed = noResults();
        let starts: readonly number[] = PARTITIONS.map(() => 0);
        // `collect` throws when a batch comes again with other rows.
        for (const [i, after] of crashes.entries()) starts = run(operator, records, i % 2 === 0 ? other : order, crashed, starts, after);
        run(operator, records, other, crashed, starts);
        expect([crashed.main, crashed.late]).toEqual([once.main, once.late]);
      }),
      { numRuns: 50 },
    );
  });
});

describe("idle partitions", () => {
  /** With a last record in each partition that counts nowhere, and seals the late events before it. */
  const sealedLog = log.map((partitions): Log =>
    partitions.map((records) => {
      const newest = Math.max(...records.map(({ at }) => at ?? 0));
      return records.length === 0 ? records : [...records, { offset: records.at(-1)!.offset + 2_000, at: newest, user: 0 }];
    }),
  );

  it("are the one difference to a replay, and every event that it makes is told", () => {
    let idleEvents = 0;
    fc.assert(
      fc.property(sealedLog, schedule, fc.array(fc.constantFrom(0, 0, 5, 60, 200), { minLength: 1, maxLength: 20 }), (records, order, pauses) => {
        let now = 0;
        let turn = 0;
        const clock = { now: () => now, sleep: () => new Promise<void>(() => undefined) };
        const live = noResults();
        run(() => tumbling(view, { sizeMs: 50, allowedLatenessMs: LATENESS_MS, idleAfterMs: 100, name: "w", clock }), records, order, live, undefined, undefined, { before: () => (now += pauses[turn++ % pauses.length]!) });
        const replay = noResults();
        run(kinds[0]!.operator, records, order, replay);
        const playsOf = (rows: readonly Row[] | undefined) => (rows ?? []).reduce((total, { plays: n }) => total + n, 0);
        const behind = [...live.late].filter(([id]) => id.startsWith("w-late/"));
        expect(new Map(behind)).toEqual(replay.late);
        const idle = [...live.late.values()].flat().filter(({ cause }) => cause === "idle");
        idleEvents += idle.length;
        for (const [id, rows] of replay.main) {
          const told = idle.filter(({ missed }) => missed[0]!.getTime() === startOf(id)).length;
          expect(playsOf(live.main.get(id)) + told).toBe(playsOf(rows));
        }
      }),
      { numRuns: 50 },
    );
    expect(idleEvents).toBeGreaterThan(0);
  });

  const live = (clock: Timers) => [
    { name: "tumbling", operator: (): Operator => tumbling(view, { sizeMs: 50, allowedLatenessMs: LATENESS_MS, idleAfterMs: 100, name: "w", clock }), whole: kinds[0]!.operator },
    { name: "hopping", operator: (): Operator => hopping(view, { sizeMs: 60, hopMs: 20, allowedLatenessMs: LATENESS_MS, idleAfterMs: 100, name: "w", clock }), whole: kinds[1]!.operator },
  ];

  it.each([0, 1])("lose nothing over restarts either: what is in no window is told (%i)", (kind) => {
    let restarts = 0;
    fc.assert(
      fc.property(sealedLog, schedule, fc.array(fc.constantFrom(0, 0, 5, 60, 200), { minLength: 1, maxLength: 20 }), fc.array(fc.integer({ min: 1, max: 25 }), { minLength: 1, maxLength: 4 }), (records, order, pauses, crashes) => {
        let now = 0;
        let turn = 0;
        const clock = { now: () => now, sleep: () => new Promise<void>(() => undefined) };
        // Broker time is that of the clock when a record was read first.
        const stamped = records.map((each) => each.map((record) => ({ ...record, appendedAt: NaN as number })));
        const before = (): void => {
          now += pauses[turn++ % pauses.length]!;
        };
        const { operator, whole } = live(clock)[kind]!;
        const results = noResults();
        const options: Live = { before, mayChange: true, now: () => now };
        let starts: readonly number[] = PARTITIONS.map(() => 0);
        /** Which event missed which window. */
        const told = new Set<string>();
        const remember = (): void => {
          for (const { cause, partition, offset, missed } of [...results.late.values()].flat()) {
            if (cause === "restart") restarts++;
            if (cause !== "behind") for (const start of missed) told.add(`${partition}/${offset}/${start.getTime()}`);
          }
        };
        for (const after of [...crashes, Infinity]) {
          starts = run(operator, stamped, order, results, starts, after, options);
          remember();
        }
        const replay = noResults();
        run(whole, records, order, replay);
        const playsOf = (rows: readonly Row[] | undefined) => (rows ?? []).reduce((total, { plays: n }) => total + n, 0);
        for (const [id, rows] of replay.main) {
          const own = playsOf(results.main.get(id));
          expect(own).toBeLessThanOrEqual(playsOf(rows));
          expect(own + [...told].filter((each) => each.endsWith(`/${startOf(id)}`)).length).toBeGreaterThanOrEqual(playsOf(rows));
        }
      }),
      { numRuns: 50 },
    );
    expect(restarts).toBeGreaterThan(0);
  });
});

describe("dedupe before windows", () => {
  /** Every event has a number of its own; some come again later, in the same partition. */
  const withCopies = fc.tuple(log, fc.array(fc.tuple(fc.constantFrom(...PARTITIONS), fc.nat(50), fc.integer({ min: 1, max: 30 })), { maxLength: 40 })).map(([records, copies]): Log =>
    records.map((each, partition) => {
      const events = each.map((one, i) => ({ ...one, seconds: i }));
      const mixed = [...events];
      for (const [of, which, later] of copies) {
        const one = of === partition ? events[which] : undefined;
        if (one !== undefined) mixed.splice(Math.min(mixed.length, mixed.indexOf(one) + later), 0, one);
      }
      return mixed.map((one, offset) => ({ ...one, offset, appendedAt: 0 }));
    }),
  );

  it.each(kinds)("counts a copy once in $name, also over restarts, which empty its memory", ({ operator }) => {
    const distinct = (): Operator => (batches) => batches.pipe(dedupe({ by: "seconds", withinMs: 1_000_000 }), operator());
    fc.assert(
      fc.property(withCopies, schedule, fc.array(fc.integer({ min: 1, max: 25 }), { minLength: 1, maxLength: 4 }), (records, order, crashes) => {
        const once = noResults();
        run(distinct, records, order, once);
        const naiveOnce = noResults();
        run(operator, records.map((each) => each.filter(({ seconds }, i) => each.findIndex((first) => first.seconds === seconds) === i)), order, naiveOnce);
        expect([...once.main.values()]).toEqual([...naiveOnce.main.values()]);
        const crashed = noResults();
        let starts: readonly number[] = PARTITIONS.map(() => 0);
        // A copy that passes again after a restart may be late: late events are not the same ones then.
        for (const after of crashes) starts = run(distinct, records, order, { ...crashed, late: new Map() }, starts, after);
        run(distinct, records, order, { ...crashed, late: new Map() }, starts);
        expect(crashed.main).toEqual(once.main);
      }),
      { numRuns: 20 },
    );
  });
});
