import { Subject, concat, from, lastValueFrom, toArray } from "rxjs";
import { describe, expect, it } from "vitest";
import { simulatedClock } from "@millrace/core";
import type { EventBatch, SinkBatch, TelemetryEvent } from "@millrace/core";
import { memorySink } from "@millrace/core/memory";
import { InjectedFaultError } from "@millrace/core/testing";
import type { Progress } from "../consume/progress.js";
import { advanceUntil } from "../testing/advance-until.js";
import { rowBatch } from "../testing/row-batch.js";
import { slowestOf } from "./slowest-of.js";
import { writeTo } from "./write-to.js";

/** One record a sink batch. */
const batches = (count: number): EventBatch<string>[] => Array.from({ length: count }, (_, i) => rowBatch(i * 1_000, [{ offset: i * 1_000, row: `r${i}` }], (i + 1) * 1_000));
const untils = (progress: readonly Progress[]): readonly number[] => progress.map(({ until }) => until);

describe("writeTo", () => {
  it("writes batch after batch, retries a failed one, and emits what became durable", async () => {
    const clock = simulatedClock(0);
    const events: TelemetryEvent[] = [];
    const writes: string[] = [];
    const sink = {
      name: "flaky",
      async write({ id }: SinkBatch<string>) {
        writes.push(id);
        if (writes.length === 2) throw new InjectedFaultError({ n: 1, method: "sink.write" }, "fails", true);
      },
      async close() {},
    };
    const written = from(batches(4)).pipe(writeTo<string>(sink, { clock, telemetry: (event) => events.push(event) }), toArray());
    expect(untils(await advanceUntil(clock, lastValueFrom(written)))).toEqual([1, 1_001, 2_001]);
    expect(writes).toEqual(["t/v1024-p0/0", "t/v1024-p0/1000", "t/v1024-p0/1000", "t/v1024-p0/2000"]);
    expect(events.map(({ type }) => type)).toEqual(["SinkBatchWritten", "RetryScheduled", "SinkBatchWritten", "SinkBatchWritten"]);
  });

  it("errors with the sink's error and skips nothing", async () => {
    const failure = new InjectedFaultError({ n: 0, method: "sink.write" }, "fails", false);
    const writes: string[] = [];
    const sink = {
      name: "broken",
      async write({ id }: SinkBatch<string>) {
        writes.push(id);
        throw failure;
      },
      async close() {},
    };
    await expect(lastValueFrom(from(batches(4)).pipe(writeTo<string>(sink)))).rejects.toBe(failure);
    expect(writes).toEqual(["t/v1024-p0/0"]);
  });

  it("aborts the write in flight when it is unsubscribed", async () => {
    let aborted = false;
    const sink = {
      name: "slow",
      write: (_: SinkBatch<string>, signal: AbortSignal) =>
        new Promise<void>((_, reject) => {
          signal.addEventListener("abort", () => {
            aborted = true;
            reject(signal.reason as Error);
          });
        }),
      async close() {},
    };
    const subscription = from(batches(3)).pipe(writeTo<string>(sink)).subscribe();
    await Promise.resolve();
    subscription.unsubscribe();
    expect(aborted).toBe(true);
  });

  it("writes no batch whose rows were all filtered, and still says that it is done", async () => {
    const sink = memorySink<string>();
    const source = [rowBatch<string>(0, [{ offset: 0 }, { offset: 1 }]), rowBatch(2, [{ offset: 1_000, row: "x" }]), rowBatch(1_001, [{ offset: 2_000, row: "y" }])];
    expect(untils(await lastValueFrom(from(source).pipe(writeTo(sink), toArray())))).toEqual([2, 1_001]);
    expect([...sink.batches.keys()]).toEqual(["t/v1024-p0/1000"]);
  });
});

describe("slowestOf", () => {
  it("gives each batch to all, and emits how far the slowest is", async () => {
    const ahead = memorySink<string>("ahead");
    const behind = new Subject<void>();
    const ids: string[] = [];
    const slow = {
      name: "behind",
      async write({ id }: SinkBatch<string>) {
        await new Promise<void>((resolve) => behind.subscribe(() => resolve()));
        ids.push(id);
      },
      async close() {},
    };
    const seen: number[] = [];
    concat(batches(3), new Subject<EventBatch<string>>())
      .pipe(slowestOf(writeTo(ahead), writeTo<string>(slow)))
      .subscribe(({ until }) => seen.push(until));
    const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
    await turn();
    expect([ahead.batches.size, seen]).toEqual([2, []]);
    behind.next();
    await turn();
    expect([ids, seen]).toEqual([["t/v1024-p0/0"], [1]]);
    behind.next();
    await turn();
    expect([ids, seen]).toEqual([["t/v1024-p0/0", "t/v1024-p0/1000"], [1, 1_001]]);
  });

  it("fails with the first that fails", async () => {
    const failure = new InjectedFaultError({ n: 0, method: "sink.write" }, "fails", false);
    const broken = { name: "broken", write: () => Promise.reject(failure), async close() {} };
    await expect(lastValueFrom(from(batches(3)).pipe(slowestOf(writeTo(memorySink<string>()), writeTo<string>(broken))))).rejects.toBe(failure);
  });
});
