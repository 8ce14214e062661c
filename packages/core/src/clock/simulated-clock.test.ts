import { expect, it } from "vitest";
import { simulatedClock } from "./simulated-clock.js";

const never = new AbortController().signal;

it("wakes sleepers in the order of their instants, also those who sleep again within the span", async () => {
  const clock = simulatedClock(1_000);
  const woken: [string, number][] = [];
  const tick = async (name: string, everyMs: number): Promise<void> => {
    for (let n = 0; n < 3; n++) {
      await clock.sleep(everyMs, never);
      woken.push([name, clock.now()]);
    }
  };
  const both = Promise.all([tick("a", 30), tick("b", 20)]);
  await clock.advance(65);
  expect(woken).toEqual([["b", 1_020], ["a", 1_030], ["b", 1_040], ["a", 1_060], ["b", 1_060]]);
  expect([clock.now(), clock.sleepers, clock.nextWakeAt]).toEqual([1_065, 1, 1_090]);
  clock.set(5_000);
  await both;
  expect(woken.at(-1)).toEqual(["a", 5_000]);
});

it("an aborted sleeper rejects with the reason and is forgotten", async () => {
  const clock = simulatedClock(0);
  const controller = new AbortController();
  const sleeping = clock.sleep(10, controller.signal);
  controller.abort(new Error("enough"));
  await expect(sleeping).rejects.toThrow("enough");
  await expect(clock.sleep(0, controller.signal)).rejects.toThrow("enough");
  expect(clock.sleepers).toBe(0);
});
