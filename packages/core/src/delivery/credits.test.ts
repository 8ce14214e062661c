import fc from "fast-check";
import { expect, it } from "vitest";
import { Credits } from "./credits.js";

const never = new AbortController().signal;
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it("never has more in flight than the maximum, but for one batch alone, serves in order, and loses no one", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 20 }), fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 30 }), fc.infiniteStream(fc.boolean()), async (max, batches, releases) => {
      const credits = new Credits(max);
      const held: number[] = [];
      const served: number[] = [];
      const all = batches.map(async (records, i) => {
        await credits.acquire(records, never);
        held.push(records);
        served.push(i);
        expect(credits.inFlight <= max || held.length === 1).toBe(true);
      });
      await settled();
      while (held.length > 0) {
        const [release] = releases.take(1);
        credits.release(release ? held.shift()! : held.pop()!);
        await settled();
      }
      await Promise.all(all);
      expect(served).toEqual(batches.map((_, i) => i));
      expect(credits.inFlight).toBe(0);
    }),
    { numRuns: 50 },
  );
});

it("an aborted wait takes nothing, and what waited behind it goes on", async () => {
  const credits = new Credits(10);
  await credits.acquire(6, never);
  const controller = new AbortController();
  const large = credits.acquire(9, controller.signal);
  const small = credits.acquire(4, never);
  controller.abort(new Error("enough"));
  await expect(large).rejects.toThrow("enough");
  await small;
  expect(credits.inFlight).toBe(10);
});

it("invents no credits", () => {
  expect(() => new Credits(0)).toThrow(RangeError);
  const credits = new Credits(10);
  expect(() => credits.release(1)).toThrow("releasing 1 records, but 0 are in flight");
});
