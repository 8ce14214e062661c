import type { SimulatedClock } from "@millrace/core";

/** Moves a simulated clock on, `stepMs` at a time, until the promise settles; gives its result. Fails after `limitMs` of simulated time. */
export async function advanceUntil<T>(clock: SimulatedClock, promise: Promise<T>, stepMs = 10, limitMs = 600_000): Promise<T> {
  let settled = false;
  const result = promise.finally(() => {
    settled = true;
  });
  result.catch(() => undefined);
  for (let passed = 0; !settled; passed += stepMs) {
    if (passed > limitMs) throw new Error(`nothing settled within ${limitMs} ms of simulated time`);
    await clock.advance(stepMs);
  }
  return result;
}
