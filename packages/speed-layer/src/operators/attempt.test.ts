import { from, lastValueFrom, toArray } from "rxjs";
import { TestScheduler } from "rxjs/testing";
import { describe, expect, it } from "vitest";
import { ConfigurationError, simulatedClock } from "@millrace/core";
import type { EventBatch, SinkBatch, TelemetryEvent } from "@millrace/core";
import { memorySink } from "@millrace/core/memory";
import { advanceUntil } from "../testing/advance-until.js";
import { rowBatch } from "../testing/row-batch.js";
import { attempt } from "./attempt.js";
import type { FailedRow } from "./attempt.js";
import { discard } from "./discard.js";
import { forkTo } from "./fork-to.js";
import { mapRows } from "./map-rows.js";
import { writeTo } from "./write-to.js";

/** One record a sink batch. */
const batches = (count: number): EventBatch<string>[] => Array.from({ length: count }, (_, i) => rowBatch(i * 1_000, [{ offset: i * 1_000, row: `r${i}` }], (i + 1) * 1_000));

describe("attempt", () => {
  it("repeats a failed call with growing pauses, gives it up after so many, and goes on", async () => {
    const clock = simulatedClock(0);
    const calls: string[] = [];
    const done = memorySink<string>("done");
    const failed = memorySink<FailedRow<string>>("failed");
    const events: TelemetryEvent[] = [];
    const charge = async ({ id, rows }: SinkBatch<string>): Promise<void> => {
      calls.push(`${clock.now()} ${id}`);
      if (rows.includes("r1") || (rows.includes("r2") && calls.length < 6)) throw new TypeError("fetch failed");
    };
    const progress = from(batches(5)).pipe(
      attempt("charging", charge, { clock, maxAttempts: 3, firstDelayMs: 100, random: () => 0.5, telemetry: (event) => events.push(event) }),
      forkTo((rows) => rows.pipe(mapRows((row) => row.toUpperCase()), writeTo(done, { clock })), writeTo(failed, { clock })),
      toArray(),
    );
    expect((await advanceUntil(clock, lastValueFrom(progress))).map(({ until }) => until)).toEqual([1, 1_001, 2_001, 3_001]);
    expect(calls).toEqual(["0 t/v1024-p0/0", "0 t/v1024-p0/1000", "50 t/v1024-p0/1000", "150 t/v1024-p0/1000", "150 t/v1024-p0/2000", "200 t/v1024-p0/2000", "200 t/v1024-p0/3000"]);
    expect(done.rows).toEqual(["R0", "R2", "R3"]);
    expect(failed.rows).toEqual([{ row: "r1", batchId: "t/v1024-p0/1000", attempts: 3, error: 'charging batch "t/v1024-p0/1000": fetch failed' }]);
    expect([...failed.batches.keys()]).toEqual(["t/v1024-p0/1000"]);
    expect(events.filter(({ type }) => type === "RetryScheduled")).toHaveLength(3);
  });

  it("gives up at once what need not be repeated, and calls for no batch without rows", async () => {
    let calls = 0;
    const failed = memorySink<FailedRow<string>>();
    const refuse = async (): Promise<void> => {
      calls++;
      throw new RangeError("no such account");
    };
    const source = [rowBatch<string>(0, [{ offset: 0 }]), ...batches(3).slice(1)].map((each, i) => (i === 0 ? rowBatch<string>(0, [{ offset: 0 }], 1_000) : each));
    await lastValueFrom(from(source).pipe(attempt("charging", refuse, { retryable: (error) => !(error instanceof RangeError) }), forkTo(discard(), writeTo(failed))));
    expect([calls, failed.rows.map(({ row, attempts }) => [row, attempts])]).toEqual([1, [["r1", 1]]]);
  });

  it("takes as few offsets a call as it is told", async () => {
    const calls: string[][] = [];
    const source = rowBatch(0, ["a", "b", "c", "d", "e"].map((row, offset) => ({ offset, row })));
    const call = async ({ rows }: SinkBatch<string>): Promise<void> => void calls.push([...rows]);
    await lastValueFrom(from([source]).pipe(attempt("charging", call, { maxOffsets: 2 }), forkTo(discard(), discard())));
    expect(calls).toEqual([["a", "b"], ["c", "d"]]);
  });

  it("hands on an error of its source, and lets go of it", () => {
    new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(({ cold, expectObservable, expectSubscriptions }) => {
      const failure = new Error("the log's own");
      const source = cold<EventBatch<string>>("a-#", { a: batches(1)[0]! }, failure);
      expectObservable(source.pipe(attempt("charging", async () => {}))).toBe("--#", {}, failure);
      expectSubscriptions(source.subscriptions).toBe("^-!");
      const endless = cold<EventBatch<string>>("a", { a: batches(1)[0]! });
      expectObservable(endless.pipe(attempt("charging", async () => {})), "^-!").toBe("");
      expectSubscriptions(endless.subscriptions).toBe("^-!");
    });
  });

  it("aborts the call under way when it is unsubscribed, also in a pause", async () => {
    const clock = simulatedClock(0);
    let signal: AbortSignal | undefined;
    const hang = (_: SinkBatch<string>, given: AbortSignal): Promise<void> => {
      signal = given;
      return new Promise(() => undefined);
    };
    const hanging = from(batches(3)).pipe(attempt("charging", hang, { clock })).subscribe();
    await clock.advance(1);
    hanging.unsubscribe();
    expect(signal!.aborted).toBe(true);
    const pausing = from(batches(3)).pipe(attempt("charging", () => Promise.reject(new Error("down")), { clock, firstDelayMs: 1_000, random: () => 0.9 })).subscribe();
    await clock.advance(1);
    expect(clock.sleepers).toBe(1);
    pausing.unsubscribe();
    expect(clock.sleepers).toBe(0);
  });

  it("tells every mistake of its options at once", () => {
    expect(() => attempt("charging", async () => {}, { maxOffsets: 1_001, maxAttempts: 0 })).toThrow(
      new ConfigurationError("charging", [
        { path: "maxAttempts", message: "must be a whole number of at least 1, not 0" },
        { path: "maxOffsets", message: "must be at most 1000: credits must suffice for a batch" },
      ]),
    );
  });
});

/** Checked by the compiler alone: what must not compile. */
export function typeTests(source: EventBatch<string>): readonly unknown[] {
  return [
    // @ts-expect-error nobody says what becomes of rows that were given up
    from([source]).pipe(attempt("charging", async () => {}), writeTo(memorySink<string>())),
    // @ts-expect-error a call of other rows
    from([source]).pipe(attempt("charging", async (_: SinkBatch<number>) => {}), forkTo(discard(), discard())),
  ];
}
