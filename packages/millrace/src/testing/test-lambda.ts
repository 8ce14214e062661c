import assert from "node:assert/strict";
import type { AnyView, Columns, Stream, ViewDefinition } from "@millrace/core";
import { naiveFold, type CrashPoint, type LambdaSubject } from "@millrace/core/testing";
import type { Answer, AnyQuery, Queries } from "@millrace/serving-layer";
import type { LambdaDefinition } from "../lambda/lambda-definition.js";
import type { Lambda } from "../lambda/lambda.js";
import { memoryPlatform, type MemoryPlatform, type MemoryPlatformOptions } from "./memory-platform.js";
import { TestProcess } from "./test-process.js";

/** A lambda's definition, but for its platform, and the time and ports it is tested with. */
export interface TestLambdaOptions<Vs extends AnyView> extends Omit<LambdaDefinition<Vs>, "platform">, MemoryPlatformOptions {
  /** Ports in place of those in memory: `({ clock }) => ({ store: myStore({ clock }) })`. They live on when processes die. */
  readonly ports?: (memory: MemoryPlatform) => Partial<MemoryPlatform>;
}

/** The longest virtual time that the speed layer may need to catch up, ms. */
const CATCH_UP_MS = 60_000;
const STEP_MS = 10;
const END_OF_TIME = 8.64e15;

const never = new AbortController().signal;

/**
 * A lambda under test: production layers over ports in memory, in virtual time, in processes that can be killed. Written
 * down as a script: events, time, publications, crashes, and what must be answered then.
 */
export interface TestLambda<Vs extends AnyView> extends AsyncDisposable {
  readonly platform: MemoryPlatform;
  /** Of the process at work now; another one after a crash. */
  readonly lambda: Lambda<Vs>;
  /** Appends values to a stream's topic, one record each; text and bytes are appended as they are. They are stamped with the time it is. */
  events(stream: Stream<Columns> | string, values: readonly unknown[], options?: { readonly partition?: number }): Promise<void>;
  /** Lets time pass: ms, or `"90 seconds"`, `"15 minutes"`, `"2 hours"`, `"1 day"`. */
  advance(time: number | string): Promise<void>;
  /**
   * Kills the process, or buries one that has failed, and starts another. With a crash point it dies at that call, whenever it comes to it; a test that
   * ends before is an error.
   */
  crash(at?: CrashPoint): Promise<void>;
  /** Has the view store drop all it holds, as if it had expired: the speed layer folds everything above the cut again. */
  replay(): Promise<void>;
  /** Ingests what is sealed, and publishes a generation; after a crash at one of its calls, again. */
  publish(): Promise<void>;
  /** Resolves once everything in the log is durable in the views. */
  caughtUp(): Promise<void>;
  /** As the lambda's, of a view that has caught up. */
  readonly query: Queries<Vs>["query"];
  /** Fails unless the answer has exactly these rows, in this order, and is complete. */
  expectAnswer(view: Vs["name"] | { readonly name: Vs["name"] }, query: AnyQuery, rows: readonly unknown[]): Promise<void>;
  /** Fails unless every view's answer is the plain fold of the log. */
  expectExact(): Promise<void>;
  /** For `lambdaLaws`. */
  subject(): LambdaSubject;
  /** Ends everything. Fails for a crash point that was never come to. */
  close(): Promise<void>;
}

/**
 * @example
 * await using test = await testLambda({ views: [sales] });
 * await test.events(orders, [{ at: "2026-01-01T10:00:00Z", shop: "harbour", price: 12.5 }]);
 * await test.crash({ method: "store.writeProgress" });
 * await test.advance("20 minutes");
 * await test.publish();
 * await test.expectAnswer("sales", { from, until, granularity: "all" }, [{ shop: "harbour", revenue: 12.5 }]);
 */
export async function testLambda<const Vs extends AnyView>(options: TestLambdaOptions<Vs>): Promise<TestLambda<Vs>> {
  const { startAt, partitions, ports, ...definition } = options;
  const memory = memoryPlatform({ ...(startAt === undefined ? {} : { startAt }), ...(partitions === undefined ? {} : { partitions }) });
  const platform: MemoryPlatform = { ...memory, ...ports?.(memory) };
  const { clock } = platform;
  const start = (): TestProcess<Vs> => new TestProcess<Vs>(definition as unknown as Omit<LambdaDefinition<Vs>, "platform">, platform);
  let process = start();
  let closed = false;

  /** Another process in place of one that died. True: there was one. */
  const restartDead = async (): Promise<boolean> => {
    process.assertAtWork();
    if (!process.dead) return false;
    await process.end();
    process = start();
    return true;
  };

  const caughtUp = async (): Promise<void> => {
    for (let passedMs = 0; ; ) {
      await restartDead();
      let done = false;
      let failed = false;
      process.lambda.caughtUp().then(
        () => (done = true),
        () => (failed = true),
      );
      while (!done && !failed && !process.dead) {
        process.assertAtWork();
        if (passedMs > CATCH_UP_MS) throw new Error(`the speed layer has not caught up within ${CATCH_UP_MS} ms of virtual time`);
        await clock.advance(STEP_MS);
        passedMs += STEP_MS;
      }
      if (done) return;
    }
  };

  /** SQL takes real time, so the clock moves only when something waits for it. */
  const inVirtualTime = async (work: Promise<unknown>): Promise<void> => {
    let settled = false;
    const done = work.finally(() => (settled = true));
    done.catch(() => undefined);
    while (!settled) {
      if (process.waitsForTime) await clock.advance(STEP_MS);
      else await Promise.race([done.catch(() => undefined), new Promise((resolve) => setTimeout(resolve, 1))]);
    }
    await done;
  };

  const publishOnce = async (): Promise<boolean> => {
    await restartDead();
    try {
      await inVirtualTime(process.lambda.layers.ingest().drain(never));
      await inVirtualTime(process.lambda.batch.run());
      return true;
    } catch (error) {
      if (!process.dead) throw error;
      await restartDead();
      return false;
    }
  };

  const append = async (topic: string, records: Parameters<MemoryPlatform["log"]["append"]>[1]): Promise<void> => {
    await platform.log.append(topic, records, never);
  };

  const query = (async (...parameters: Parameters<Lambda<Vs>["query"]>) => {
    await caughtUp();
    return process.lambda.query(...parameters);
  }) as Queries<Vs>["query"];
  const ask = query as unknown as (view: { readonly name: string }, query: AnyQuery) => Promise<Answer<Record<string, unknown>>>;
  const answer = (view: ViewDefinition): Promise<Answer<Record<string, unknown>>> => ask(view, { from: 0, until: 253_402_300_800_000 });

  const test: TestLambda<Vs> = {
    platform,
    get lambda() {
      return process.lambda;
    },
    async events(stream, values, { partition } = {}) {
      const topic = typeof stream === "string" ? stream : stream.topic;
      await append(
        topic,
        values.map((value) => ({ value: typeof value === "string" || value instanceof Uint8Array ? value : JSON.stringify(value), ...(partition === undefined ? {} : { partition }) })),
      );
    },
    async advance(time) {
      await clock.advance(typeof time === "number" ? time : millisecondsOf(time));
      await restartDead();
    },
    async crash(at) {
      if (at) {
        await restartDead();
        return process.arm(at);
      }
      await process.kill();
      process = start();
    },
    async replay() {
      await process.kill();
      await platform.store.sweep(END_OF_TIME, never);
      process = start();
    },
    async publish() {
      while (!(await publishOnce()));
    },
    caughtUp,
    query,
    async expectAnswer(view, query, rows) {
      const name = typeof view === "string" ? view : view.name;
      const { rows: answered, envelope } = await ask({ name }, query);
      assert.deepEqual(answered, rows, `the answer of "${name}" from generation ${envelope.generation}`);
      assert.equal(envelope.complete, true, `the answer of "${name}" is not complete: ${JSON.stringify(envelope.missing)}`);
    },
    async expectExact() {
      for (const { definition: view } of options.views) {
        const { rows, envelope } = await answer(view);
        const naive = await naiveFold(platform.log, view, never);
        const key = (row: object): string => JSON.stringify(row, (_, value: unknown) => (typeof value === "bigint" ? `${value}n` : value));
        assert.deepEqual(rows.map(key).sort(), naive.rows.map(key).sort(), `the answer of "${view.name}" from generation ${envelope.generation} is not the fold of the log`);
      }
    },
    subject: () => ({
      views: options.views.map(({ definition }) => definition),
      log: platform.log,
      store: platform.store,
      append,
      advance: (ms) => test.advance(ms),
      caughtUp,
      publish: publishOnce,
      crash: (at) => test.crash(at),
      replay: () => test.replay(),
      async answer(view) {
        const { rows, envelope } = await answer(view);
        return { rows, generation: envelope.generation, complete: envelope.complete, late: envelope.late };
      },
      // A law's crash points are many, and not all are come to.
      dispose: () => close(),
    }),
    async close() {
      const { armed } = process;
      await close();
      if (armed.length > 0) throw new Error(`the process never came to its crash point ${armed.map((at) => ("method" in at ? `"${at.method}"` : "")).join(", ")}`);
    },
    [Symbol.asyncDispose]: () => test.close(),
  };
  const close = async (): Promise<void> => {
    if (closed) return;
    closed = true;
    await process.end();
    await Promise.all([...process.lambda.definitions.outputs.map(({ sink }) => sink.close()), platform.engine.close(), platform.store.close(), platform.log.close(), platform.files.close()]);
  };

  // Topics exist before the first record is appended.
  for (const topic of new Set(process.lambda.definitions.plans.map(({ stream }) => stream.topic))) {
    await platform.log.createTopic(topic, { partitions: partitions ?? 2 }, never);
  }
  return test;
}

const UNITS_MS: Readonly<Record<string, number>> = { second: 1_000, minute: 60_000, hour: 3_600_000, day: 86_400_000 };

function millisecondsOf(text: string): number {
  const [, count, unit] = /^(\d+) (second|minute|hour|day)s?$/.exec(text.trim()) ?? [];
  if (count === undefined || unit === undefined) throw new RangeError(`advancing by "${text}": say "90 seconds", "15 minutes", "2 hours" or "1 day"`);
  return Number(count) * UNITS_MS[unit]!;
}
