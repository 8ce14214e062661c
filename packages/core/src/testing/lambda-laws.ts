import assert from "node:assert/strict";
import fc from "fast-check";
import type { EventLog } from "../ports/event-log.js";
import type { NewRecord } from "../log/raw-batch.js";
import { segmentName } from "../log/segment.js";
import type { ViewStore } from "../ports/view-store.js";
import type { ViewDefinition } from "../views/view-definition.js";
import type { PresentedRow } from "./fold-cells.js";
import { declareLaws } from "./law.js";
import type { It, Law, Subject, Waivers } from "./law.js";
import { naiveFold } from "./naive-fold.js";

/** Where a process dies: at a call of a port's method, `files.putIfAbsent` or `store.write`. */
export interface CrashPoint {
  readonly method: string;
  /** Which of its calls from now on, from 0. Default 0. */
  readonly nth?: number;
  /** Default "before": nothing of the call was done. "after": it was done, and the process did not hear of it. */
  readonly when?: "before" | "after";
}

/** An answer over all there is, at the view's own granularity. */
export interface WholeAnswer {
  readonly rows: readonly PresentedRow[];
  readonly generation: number;
  readonly complete: boolean;
  readonly late: number;
}

/**
 * A whole lambda at work on ports that die with its process and live on without it. `testLambda` of `millrace/testing`
 * makes one on ports in memory, or on yours.
 */
export interface LambdaSubject extends Subject {
  readonly views: readonly ViewDefinition[];
  readonly log: EventLog;
  readonly store: ViewStore;
  /** Appends to the log, at the time it is. */
  append(topic: string, records: readonly NewRecord[]): Promise<unknown>;
  /** Time passes, ms. */
  advance(ms: number): Promise<unknown>;
  /** Resolves once the speed layer has made durable what the log holds. */
  caughtUp(): Promise<unknown>;
  /** Ingests what is sealed and publishes it. False when the process died over it; it is at work again then. */
  publish(): Promise<boolean>;
  /** Kills the process, now or at a call, and starts another. */
  crash(at?: CrashPoint): Promise<unknown>;
  /** Empties the view store, and has the speed layer read again from the cut. */
  replay(): Promise<unknown>;
  /** Everything that the view holds, over all time. */
  answer(view: ViewDefinition): Promise<WholeAnswer>;
}

/** A record of a law, to be appended to one of the views' topics. */
export interface LawRecord {
  readonly topic: string;
  readonly value: string | Uint8Array;
  /** Taken modulo the topic's partitions. */
  readonly partition: number;
}

/** What {@link lambdaLaws} makes its histories of. */
export interface LambdaLawsOptions {
  /** A lambda that has read nothing yet. `maxInFlight`: records that its speed layer reads ahead. */
  readonly create: (settings: { readonly maxInFlight: number }) => Promise<LambdaSubject>;
  /** Records of the views' topics. Make equal keys, late events and what cannot be decoded common: laws break there. */
  readonly records: fc.Arbitrary<LawRecord>;
  /** Time that passes in one step, ms: past the grid's segments in some. Default 10 ms to 20 minutes. */
  readonly stepMs?: fc.Arbitrary<number>;
  /** Histories a law. Default 10. */
  readonly runs?: number;
  /** Whether a history that breaks a law is made as short as it can be. Default true; it takes as long as some fifty histories. */
  readonly shrink?: boolean;
}

type Step =
  | { readonly do: "append"; readonly records: readonly LawRecord[] }
  | { readonly do: "advance"; readonly ms: number }
  | { readonly do: "publish" }
  | { readonly do: "crash"; readonly at?: CrashPoint }
  | { readonly do: "replay" }
  | { readonly do: "ask" };

const never = new AbortController().signal;
/** What a lambda does to keep something, in the order it does it. */
const WRITES = ["store.write", "store.writeProgress", "files.write.commit", "files.putIfAbsent", "files.replace", "engine.writeTable"] as const;

/**
 * The laws of a whole lambda (2 to 7; {@link measureLaws} has the first), as tests of the runner whose `it` is given:
 * histories of records, time, publications, crashes at any call and replays, after which every view's answer is the
 * plain fold of the log ({@link naiveFold}). For whoever has a platform, a store or measures of their own.
 *
 * @example
 * lambdaLaws(it, { create: (settings) => testLambda({ views: [songChart], ...settings }).then((test) => test.subject()), records });
 */
export function lambdaLaws(it: It, options: LambdaLawsOptions, waivers: Waivers = {}): void {
  const { create, records, stepMs = fc.oneof(fc.constant(10), fc.integer({ min: 1, max: 90_000 }), fc.constant(20 * 60_000)), runs = 10, shrink = true } = options;
  const crashPoint = fc.record({ method: fc.constantFrom(...WRITES), nth: fc.nat(4), when: fc.constantFrom("before" as const, "after" as const) });
  const append = fc.record({ do: fc.constant("append" as const), records: fc.array(records, { minLength: 1, maxLength: 12 }) });
  const advance = fc.record({ do: fc.constant("advance" as const), ms: stepMs });
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 5, arbitrary: append },
    { weight: 3, arbitrary: advance },
    { weight: 2, arbitrary: fc.constant({ do: "publish" } as const) },
    { weight: 1, arbitrary: fc.constant({ do: "crash" } as const) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("crash" as const), at: crashPoint }) },
    { weight: 1, arbitrary: fc.constant({ do: "replay" } as const) },
    { weight: 2, arbitrary: fc.constant({ do: "ask" } as const) },
  );
  const history = fc.array(step, { minLength: 3, maxLength: 14 });
  const batches = fc.array(append, { minLength: 1, maxLength: 6 });
  const inFlight = fc.constantFrom(1, 3, 1_000);

  const check = async <Ts extends [unknown, ...unknown[]]>(of: { [K in keyof Ts]: fc.Arbitrary<Ts[K]> }, holds: (...values: Ts) => Promise<void>): Promise<void> => {
    await fc.assert(fc.asyncProperty(...of, holds), { numRuns: runs, endOnFailure: !shrink });
  };
  const withSubject = async (maxInFlight: number, run: (subject: LambdaSubject) => Promise<void>): Promise<void> => {
    const subject = await create({ maxInFlight });
    try {
      await run(subject);
    } finally {
      await subject.dispose?.();
    }
  };

  const laws: readonly Law<Subject>[] = [
    {
      id: "exact-merge",
      says: "whatever happened, an answer is the fold of the whole log, batch and speed part together",
      prove: () =>
        check([history, inFlight], (steps, maxInFlight) =>
          withSubject(maxInFlight, async (subject) => {
            for (const each of steps) await take(subject, each);
            await exact(subject);
          }),
        ),
    },
    {
      id: "replay",
      says: "folding segments again writes the same rows and the same progress",
      prove: () =>
        check([history, inFlight], (steps, maxInFlight) =>
          withSubject(maxInFlight, async (subject) => {
            for (const each of steps) await take(subject, each);
            await subject.caughtUp();
            const before = await stored(subject);
            await subject.crash();
            await subject.caughtUp();
            assert.deepEqual(await stored(subject), before, "what the store holds after a restart is what it held before");
            await subject.replay();
            await subject.caughtUp();
            for (const [key, value] of await stored(subject)) assert.equal(value, before.get(key) ?? value, `"${key}" after everything above the cut was folded again`);
            await exact(subject);
          }),
        ),
    },
    {
      id: "interleaving",
      says: "answers do not depend on batch sizes, flush times and restarts",
      prove: () =>
        check([batches, fc.array(fc.nat(3), { minLength: 6, maxLength: 6 })], async (appends, restarts) => {
          const answers: string[][] = [];
          for (const variant of ["at once", "in pieces"] as const) {
            await withSubject(variant === "at once" ? 1_000 : 1, async (subject) => {
              for (const [i, each] of appends.entries()) {
                await take(subject, each);
                if (variant === "at once") continue;
                if (restarts[i % 6] === 0) await subject.crash();
                if (restarts[i % 6] === 1) await subject.caughtUp();
              }
              await exact(subject);
              for (const view of subject.views) answers.push(canonical((await subject.answer(view)).rows));
            });
          }
          const half = answers.length / 2;
          assert.deepEqual(answers.slice(half), answers.slice(0, half), "the answers of one log, read in two ways");
        }),
    },
    {
      id: "lateness",
      says: "an event counts in its own window, however late and in whatever order it came",
      prove: () =>
        check([batches, fc.infiniteStream(fc.nat())], async (appends, order) => {
          const all = appends.flatMap((each) => each.records);
          const shuffled = [...all].map((record) => ({ record, at: order.next().value as number })).sort((a, b) => a.at - b.at).map(({ record }) => record);
          const answers: { readonly rows: readonly string[]; readonly late: number }[][] = [];
          for (const records of [all, shuffled]) {
            await withSubject(1_000, async (subject) => {
              await take(subject, { do: "append", records });
              await exact(subject);
              const of = await Promise.all(subject.views.map(async (view) => ({ view, answer: await subject.answer(view) })));
              for (const { view, answer } of of) assert.equal(answer.late, (await naiveFold(subject.log, view, never)).late, `late events of "${view.name}"`);
              answers.push(of.map(({ answer }) => ({ rows: canonical(answer.rows), late: answer.late })));
            });
          }
          assert.deepEqual(answers[1], answers[0], "the answers of the same records in another order");
        }),
    },
    {
      id: "publication",
      says: "a run that dies at any of its writes leaves the old generation served or the new one, whole, and the next one publishes",
      prove: () =>
        check([batches, crashPoint, stepMs], (appends, at, ms) =>
          withSubject(1_000, async (subject) => {
            for (const [i, each] of appends.entries()) {
              await take(subject, each);
              await subject.advance(ms);
              if (i > 0) continue;
              while (!(await subject.publish()));
            }
            await subject.caughtUp();
            const before = await generationOf(subject);
            await subject.crash(at);
            const published = await subject.publish();
            const after = await generationOf(subject);
            assert.ok(after === before || after === before + 1, `generation ${before} was served before the run and ${after} after it`);
            await exact(subject);
            if (!published) while (!(await subject.publish()));
            await exact(subject);
          }),
        ),
    },
    {
      id: "accounting",
      says: "every record is an event, filtered, or a dead letter, and counted once",
      prove: () =>
        check([history], (steps) =>
          withSubject(1_000, async (subject) => {
            // Above the cut that is still the beginning, every record has its segment in the store.
            for (const each of steps) if (each.do !== "publish" && each.do !== "replay") await take(subject, each);
            await subject.caughtUp();
            for (const view of subject.views) {
              const { rows: _, ...naive } = await naiveFold(subject.log, view, never);
              const counted = { records: 0, events: 0, filtered: 0, deadLetters: 0, late: 0 };
              for (const row of await subject.store.readProgress(view.fingerprint, view.from.topic, never)) {
                for (const name of Object.keys(counted) as (keyof typeof counted)[]) counted[name] += row[name];
              }
              assert.deepEqual(counted, naive, `the accounts of "${view.name}"`);
              assert.equal(naive.records, naive.events + naive.deadLetters);
            }
          }),
        ),
    },
  ];
  declareLaws("lambda", it, laws, async () => ({}), waivers);
}

async function take(subject: LambdaSubject, step: Step): Promise<void> {
  switch (step.do) {
    case "append": {
      const topics = new Map<string, LawRecord[]>();
      for (const record of step.records) topics.set(record.topic, [...(topics.get(record.topic) ?? []), record]);
      for (const [topic, records] of topics) {
        const { partitions } = await subject.log.describe(topic, never);
        await subject.append(topic, records.map(({ value, partition }) => ({ value, partition: partition % partitions.length })));
      }
      return;
    }
    case "advance":
      await subject.advance(step.ms);
      return;
    case "publish":
      while (!(await subject.publish()));
      return;
    case "crash":
      await subject.crash(step.at);
      return;
    case "replay":
      await subject.replay();
      return;
    case "ask":
      await exact(subject);
      return;
  }
}

async function exact(subject: LambdaSubject): Promise<void> {
  await subject.caughtUp();
  for (const view of subject.views) {
    const answer = await subject.answer(view);
    const naive = await naiveFold(subject.log, view, never);
    assert.deepEqual(canonical(answer.rows), canonical(naive.rows), `the answer of "${view.name}" from generation ${answer.generation} is not the fold of the log`);
    assert.equal(answer.complete, true, `the answer of "${view.name}" is not complete`);
  }
}

async function generationOf(subject: LambdaSubject): Promise<number> {
  return (await subject.answer(subject.views[0]!)).generation;
}

/** Rows as text, in one order. Doubles with the digits that do not depend on the order of adding. */
function canonical(rows: readonly PresentedRow[]): string[] {
  const value = (each: unknown): unknown => {
    if (typeof each === "bigint") return `${each}n`;
    if (typeof each === "number" && !Number.isInteger(each)) return Number(each.toPrecision(9));
    if (each instanceof Uint8Array) return Buffer.from(each).toString("hex");
    return each;
  };
  return rows.map((row) => JSON.stringify(Object.keys(row).sort().map((name) => [name, value(row[name])]))).sort();
}

/** All that the store holds of progress and rows, as text by segment. */
async function stored({ views, store }: LambdaSubject): Promise<Map<string, string>> {
  const all = new Map<string, string>();
  for (const view of views) {
    const progress = await store.readProgress(view.fingerprint, view.from.topic, never);
    for (const row of progress) all.set(`progress ${view.name} p${row.segment.partition} ${segmentName(row.segment)} ${row.version}`, JSON.stringify(row, Object.keys(row).sort()));
    for await (const { segment, length, windows, dimensions, cells, versions } of store.read({ view, segments: progress.map(({ segment }) => segment), from: -Infinity, until: Infinity }, never)) {
      for (let i = 0; i < length; i++) {
        const key = JSON.stringify([windows[i], dimensions.map((column) => text(column[i]))]);
        all.set(`row ${view.name} p${segment.partition} ${segmentName(segment)} ${key} ${versions[i]}`, JSON.stringify(cells.map((column) => text(column[i]))));
      }
    }
  }
  return all;
}

const text = (value: unknown): unknown => (typeof value === "bigint" ? `${value}n` : value instanceof Uint8Array ? Buffer.from(value).toString("hex") : value);
