import fc from "fast-check";
import { expect } from "vitest";
import type { SimulatedClock, ViewStore } from "@millrace/core";
import { playOf } from "../../testing/plays.js";
import { START_MS, TOPIC, served, speedWorld, truth, truthOfProgress } from "../../testing/speed-world.js";
import type { Running } from "../../testing/speed-world.js";

interface Play {
  readonly stepMs: number;
  readonly latenessMs: number;
  readonly user: number;
  readonly song: string | null;
  readonly broken: boolean;
}

type Step =
  | { readonly do: "append"; readonly partition: number; readonly plays: readonly Play[] }
  | { readonly do: "pass"; readonly ms: number }
  | { readonly do: "restart" }
  | { readonly do: "rival" }
  | { readonly do: "disturb"; readonly ms: number };

/** What happens to a log, its workers and their store. */
export type History = readonly Step[];

const play: fc.Arbitrary<Play> = fc.record({
  stepMs: fc.constantFrom(0, 10, 900, 31_000, 400_000, -20_000),
  latenessMs: fc.constantFrom(0, 0, 60_001, 3 * 86_400_000),
  user: fc.integer({ min: 1, max: 3 }),
  song: fc.constantFrom("a", "ü", "␀", null),
  broken: fc.constantFrom(false, false, false, true),
});

/** Appends to two partitions, pauses, restarts, a second worker on the same partitions, and disturbances of the store. */
export function histories(maxSteps: number): fc.Arbitrary<History> {
  return fc.array(
    fc.oneof(
      { weight: 5, arbitrary: fc.record({ do: fc.constant("append" as const), partition: fc.nat(1), plays: fc.array(play, { minLength: 1, maxLength: 25, size: "max" }) }) },
      { weight: 3, arbitrary: fc.record({ do: fc.constant("pass" as const), ms: fc.constantFrom(7, 300, 1_200) }) },
      { weight: 1, arbitrary: fc.constant({ do: "restart" as const }) },
      { weight: 1, arbitrary: fc.constant({ do: "rival" as const }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant("disturb" as const), ms: fc.constantFrom(50, 500, 3_000) }) },
    ),
    { minLength: 3, maxLength: maxSteps, size: "max" },
  );
}

export interface Setting {
  readonly store: (clock: SimulatedClock) => ViewStore;
  /** Hurts what is below the store; gives what mends it. */
  readonly disturb: () => () => void;
  /** Lets a store outside this process answer. Default: nothing. */
  readonly breathe?: () => Promise<void>;
}

/** Plays a history, then expects that what is served equals the naive fold of the log, with every progress row true. */
export async function expectServedIsTheFold(history: History, { store: makeStore, disturb, breathe = async () => undefined }: Setting): Promise<void> {
  const world = speedWorld({ store: makeStore });
  const { clock, log, store, start } = world;
  const appendedAt = [START_MS, START_MS];
  let started = 0;
  const begin = (): Running => start(`w${started++}`);
  const workers: Running[] = [begin()];
  const pass = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += 50) {
      await clock.advance(50);
      await breathe();
    }
  };
  for (const step of history) {
    switch (step.do) {
      case "append":
        for (const { stepMs, latenessMs, user, song, broken } of step.plays) {
          const at = (appendedAt[step.partition]! += stepMs);
          const offset = (log.records(TOPIC, step.partition).at(-1)?.offset ?? -1) + 1;
          log.place(TOPIC, step.partition, [{ offset, appendedAt: at, value: broken ? "{" : playOf({ at: at - latenessMs, user, song, seconds: 1.25 }) }]);
        }
        break;
      case "pass":
        await pass(step.ms);
        break;
      case "restart":
        await Promise.all(workers.splice(0).map((worker) => worker.stop().catch(() => undefined)));
        workers.push(begin());
        break;
      case "rival":
        workers.push(begin());
        break;
      case "disturb": {
        const mend = disturb();
        await pass(step.ms);
        mend();
      }
    }
  }
  let caughtUp = false;
  const [first] = workers;
  const all = first!.layer.caughtUp(new AbortController().signal).then(() => (caughtUp = true));
  all.catch(() => (caughtUp = true));
  while (!caughtUp) await pass(50);
  await all;
  const { links, ...answer } = await served(world);
  expect(answer).toEqual(await truth(world));
  for (const link of links) expect(link).toMatchObject(truthOfProgress(world, link));
  // Another client, which remembers nothing, is served the same.
  const again = makeStore(clock);
  expect((await served(world, again)).songs).toEqual(answer.songs);
  await Promise.all(workers.map((worker) => worker.stop().catch(() => undefined)));
  await store.close();
  await again.close();
}
