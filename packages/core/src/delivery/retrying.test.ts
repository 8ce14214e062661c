import { describe, expect, it } from "vitest";
import { simulatedClock } from "../clock/simulated-clock.js";
import { faultPlan } from "../testing/fault-plan.js";
import type { TelemetryEvent } from "../telemetry/telemetry-event.js";
import { retrying } from "./retrying.js";

const never = new AbortController().signal;
const failure = (retryable: boolean): Error => faultPlan([], { retryable }).failure({ n: 0, method: "store.write" }, "fails");

describe("retrying", () => {
  it("pauses twice as long each time, up to the maximum, scaled by the random number, and tells each pause", async () => {
    const clock = simulatedClock(1_000);
    const told: TelemetryEvent[] = [];
    const startedAt: number[] = [];
    const retry = retrying({ firstDelayMs: 100, maxDelayMs: 500, maxAttempts: 6 }, { clock, random: () => 0.5, telemetry: (event) => told.push(event) });
    const result = retry("writing", async () => {
      startedAt.push(clock.now());
      if (startedAt.length < 6) throw failure(true);
      return "done";
    }, never);
    await clock.advance(10_000);
    expect(await result).toBe("done");
    expect(startedAt).toEqual([1_000, 1_050, 1_150, 1_350, 1_600, 1_850]);
    expect(told.map((event) => event.type === "RetryScheduled" && [event.operation, event.attempt, event.delayMs])).toEqual([
      ["writing", 1, 50], ["writing", 2, 100], ["writing", 3, 200], ["writing", 4, 250], ["writing", 5, 250],
    ]);
  });

  it.each([
    ["after the last attempt", failure(true), { maxAttempts: 3, firstDelayMs: 10 }, 3],
    ["at once when the error is not retryable", failure(false), {}, 1],
    ["at once when the error is not one of Millrace's", new TypeError("a bug"), {}, 1],
    ["when no call may begin any more", failure(true), { maxElapsedMs: 25, firstDelayMs: 10, maxDelayMs: 10, maxAttempts: Infinity }, 3],
  ])("gives up %s, with the error itself", async (_, error, policy, attempts) => {
    const clock = simulatedClock(0);
    let calls = 0;
    const retry = retrying(policy, { clock, random: () => 0.99999 });
    const result = retry("writing", async () => {
      calls++;
      throw error;
    }, never).catch((caught: unknown) => caught);
    await clock.advance(1_000_000);
    expect([await result, calls]).toEqual([error, attempts]);
  });

  it("ends its pause with the signal's reason", async () => {
    const controller = new AbortController();
    const retry = retrying({}, { clock: simulatedClock(0), random: () => 0.5 });
    const result = retry("writing", () => Promise.reject(failure(true)), controller.signal);
    setImmediate(() => controller.abort(new Error("enough")));
    await expect(result).rejects.toThrow("enough");
  });
});
