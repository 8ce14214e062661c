import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { simulatedClock } from "@millrace/core/memory";
import { keepAhead } from "./keep-ahead.js";

const START = 1_000;
const never = new AbortController().signal;

/** A work of some length, during which instants are told; each telling takes a time. */
async function during(workMs: number, aheadMs: number, tellMs: readonly number[]) {
  const clock = simulatedClock(START);
  /** From when on an instant is what a reader reads. */
  const told = [{ from: START, at: START + aheadMs }];
  const ended = clock.sleep(workMs, never).then(() => clock.now());
  const kept = keepAhead(ended, {
    toldAt: START + aheadMs, aheadMs, clock, now: () => clock.now(),
    tell: async (at) => {
      await clock.sleep(tellMs[(told.length - 1) % tellMs.length]!, never);
      told.push({ from: clock.now(), at });
    },
  }, never);
  await clock.advance(10_000);
  return { lateMs: await kept, told, endedAt: await ended };
}

describe("keepAhead", () => {
  it("says how late it was exactly where a reader saw an instant that had come before the work was done", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 2, max: 60 }), fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 4 }), async (workMs, aheadMs, tellMs) => {
        const { lateMs, told, endedAt } = await during(workMs, aheadMs, tellMs);
        const replaced = told.map(({ from, at }, i) => (told[i + 1]?.from ?? Math.max(from, endedAt)) - at);
        expect(lateMs).toBe(Math.max(0, ...replaced));
        if (tellMs.every((ms) => ms < aheadMs / 2 - 1)) expect(lateMs).toBe(0);
      }),
    );
  });

  it("tells nothing anew where the work is quick, and fails as the work does", async () => {
    expect(await during(10, 100, [1])).toEqual({ lateMs: 0, told: [{ from: START, at: START + 100 }], endedAt: START + 10 });
    const failing = keepAhead(Promise.reject(new Error("away")), { toldAt: 1, aheadMs: 1, now: () => 0, tell: () => Promise.resolve(), clock: simulatedClock(0) }, never);
    await expect(failing).rejects.toThrow("away");
    const clock = simulatedClock(0);
    const untold = keepAhead(clock.sleep(50, never), { toldAt: 2, aheadMs: 2, now: () => clock.now(), tell: () => Promise.reject(new Error("full")), clock }, never);
    const outcome = expect(untold).rejects.toThrow("full");
    await clock.advance(100);
    await outcome;
  });
});
