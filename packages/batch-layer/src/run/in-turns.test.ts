import { describe, expect, it } from "vitest";
import { orAborted } from "@millrace/core";
import { inTurns } from "./in-turns.js";

const never = new AbortController().signal;

describe("inTurns", () => {
  it("works on as many as it may side by side, and gives the results in order", async () => {
    let under = 0;
    let most = 0;
    const results = await inTurns([5, 1, 4, 2, 3], 2, never, async (n) => {
      most = Math.max(most, ++under);
      for (let i = 0; i < n; i++) await Promise.resolve();
      under--;
      return n * 10;
    });
    expect([results, most]).toEqual([[50, 10, 40, 20, 30], 2]);
    expect(await inTurns([], 2, never, async () => 1)).toEqual([]);
  });

  it("aborts those under way when one fails, begins no other, and rejects with it after the last has ended", async () => {
    const begun: number[] = [];
    let ended = 0;
    const failed = inTurns([1, 2, 3, 4], 2, never, async (n, signal) => {
      begun.push(n);
      if (n === 2) throw new Error("two");
      try {
        await orAborted(new Promise<never>(() => {}), signal);
      } finally {
        for (let i = 0; i < 10; i++) await Promise.resolve();
        ended++;
      }
    });
    await expect(failed).rejects.toThrow("two");
    expect([begun, ended]).toEqual([[1, 2], 1]);
  });

  it("ends with the reason of the caller's signal", async () => {
    const stop = new AbortController();
    const stopped = inTurns([1, 2], 2, stop.signal, (_, signal) => orAborted(new Promise<never>(() => {}), signal));
    stop.abort(new Error("enough"));
    await expect(stopped).rejects.toThrow("enough");
  });
});
