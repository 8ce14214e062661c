import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ViewStore } from "@millrace/core";
import type { MemoryLog } from "@millrace/core/memory";
import { faultPlan, faulty } from "@millrace/core/testing";
import type { Fault } from "@millrace/core/testing";
import { playOf, songs, views } from "../testing/plays.js";
import { START_MS, TOPIC, served, speedWorld, truth, truthOfProgress } from "../testing/speed-world.js";
import type { Running, SpeedWorld } from "../testing/speed-world.js";
import { dumpStored } from "../testing/stored-views.js";

const DAY_MS = 86_400_000;

interface RecordSpec {
  readonly gap: number;
  readonly stepMs: number;
  readonly latenessMs: number;
  readonly user: number;
  readonly song: string | null;
  readonly seconds: number;
  readonly broken: "no" | "json" | "type" | "future";
}

const record: fc.Arbitrary<RecordSpec> = fc.record({
  gap: fc.constantFrom(0, 0, 0, 0, 1, 3, 15),
  stepMs: fc.constantFrom(0, 10, 900, 5_000, 31_000, -20_000, -70_000),
  latenessMs: fc.constantFrom(0, 0, 59_999, 60_000, 60_001, 180_000, 3 * DAY_MS),
  user: fc.integer({ min: 1, max: 3 }),
  song: fc.constantFrom("a", "b", "ü", null),
  seconds: fc.integer({ min: 0, max: 90_000 }).map((cents) => cents / 100),
  broken: fc.constantFrom<RecordSpec["broken"]>("no", "no", "no", "no", "no", "json", "type", "future"),
});

/** Writes records with broker times of their own: the clock of the log steps back where a spec says so. */
class Producer {
  readonly #log: MemoryLog;
  readonly #appendedAt = new Map<number, number>();

  constructor(log: MemoryLog) {
    this.#log = log;
  }

  append(partition: number, specs: readonly RecordSpec[]): void {
    for (const spec of specs) {
      const appendedAt = (this.#appendedAt.get(partition) ?? START_MS) + spec.stepMs;
      this.#appendedAt.set(partition, appendedAt);
      const end = (this.#log.records(TOPIC, partition).at(-1)?.offset ?? -1) + 1;
      const at = spec.broken === "future" ? appendedAt + 2 * DAY_MS : appendedAt - spec.latenessMs;
      const value =
        spec.broken === "json" ? "{" : spec.broken === "type" ? `{"at":"soon"}` : playOf({ at, user: spec.user, song: spec.song, seconds: spec.seconds });
      this.#log.place(TOPIC, partition, [{ offset: end + spec.gap, appendedAt, value }]);
    }
  }
}

interface Settings {
  readonly maxInFlight: number;
  readonly flushMinMs: number;
}

const settings: fc.Arbitrary<Settings> = fc.record({ maxInFlight: fc.constantFrom(1, 3, 8, 50, 1_000), flushMinMs: fc.constantFrom(0, 5, 20, 400) });

/** Laws 2, 4, 5 and 7: the served speed part equals the naive fold of all above the cut, and every progress row tells the truth. */
async function expectTruth(world: SpeedWorld): Promise<void> {
  const { links, ...answer } = await served(world);
  expect(answer).toEqual(await truth(world));
  for (const link of links) expect(link).toMatchObject(truthOfProgress(world, link));
}

type Step =
  | { readonly do: "append"; readonly partition: number; readonly records: readonly RecordSpec[] }
  | { readonly do: "pass"; readonly ms: number }
  | { readonly do: "restart"; readonly settings: Settings; readonly songsOnly: boolean }
  | { readonly do: "zombie" }
  | { readonly do: "break"; readonly n: number; readonly fault: Fault; readonly settings: Settings }
  | { readonly do: "partition" }
  | { readonly do: "commit"; readonly partition: number; readonly quiet: boolean; readonly hidden: number; readonly times: number }
  | { readonly do: "publish"; readonly choice: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("append" as const), partition: fc.nat(2), records: fc.array(record, { minLength: 1, maxLength: 25, size: "max" }) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("pass" as const), ms: fc.constantFrom(0, 7, 40, 300, 1_200) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("restart" as const), settings, songsOnly: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constant({ do: "zombie" as const }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("break" as const),
      n: fc.nat(60),
      fault: fc.constantFrom<Fault>("crashes-before", "crashes-after", "fails-before", "fails-after", "hangs"),
      settings,
    }),
  },
  { weight: 1, arbitrary: fc.constant({ do: "partition" as const }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("commit" as const), partition: fc.nat(2), quiet: fc.boolean(), hidden: fc.constantFrom(0, 1, 3, 8), times: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("publish" as const), choice: fc.nat(100) }) },
);

/** A store that a hung process writes to: nothing arrives until it is released, then everything does, in order. */
function heldBack(store: ViewStore): { readonly store: ViewStore; readonly release: () => Promise<void> } {
  const held: (() => Promise<void>)[] = [];
  const signal = new AbortController().signal;
  return {
    store: {
      ...store,
      write: async (view, partials, expiresAt) => void held.push(() => store.write(view, partials, expiresAt, signal)),
      writeProgress: async (rows) => void held.push(() => store.writeProgress(rows, signal)),
      writeHeartbeat: async () => undefined,
    },
    release: async () => {
      for (const write of held) await write();
    },
  };
}

describe("the speed layer", () => {
  it("serves the fold of the log above any cut, whatever was restarted, killed, hung, added, closed early, published or rolled back", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40, size: "max" }), fc.nat(15), settings, async (steps, startsAt, first) => {
        const world = speedWorld();
        const { clock, log, store, batch, start, catchUp } = world;
        const producer = new Producer(log);
        // The batch layer may be there, and have published, before the first worker is.
        let worker: Running | undefined;
        const zombies: { readonly running: Running; readonly release: () => Promise<void> }[] = [];
        let count = 0;
        let whole = true;
        for (const [i, step] of steps.entries()) {
          if (i === startsAt) worker ??= start("w0", first);
          const { partitions } = await log.describe(TOPIC, new AbortController().signal);
          switch (step.do) {
            case "append":
              producer.append(step.partition % partitions.length, step.records);
              break;
            case "pass":
              await clock.advance(step.ms);
              break;
            case "restart":
              await worker?.stop().catch(() => undefined);
              worker = start(`w${++count}`, { ...step.settings, views: step.songsOnly ? [songs.definition] : views });
              whole = !step.songsOnly;
              break;
            case "break": {
              // A process whose n-th call of any port fails, hangs or kills it.
              const plan = faultPlan([step]);
              await worker?.stop().catch(() => undefined);
              worker = start(`b${++count}`, {
                ...step.settings,
                log: faulty("log", log, plan),
                store: faulty("store", store, plan),
                files: faulty("files", world.files, plan),
              });
              whole = false;
              break;
            }
            case "zombie": {
              const held = heldBack(store);
              zombies.push({ running: start(`z${++count}`, { ...first, store: held.store }), release: held.release });
              break;
            }
            case "partition":
              await log.createTopic(TOPIC, { partitions: 3 }, new AbortController().signal);
              break;
            case "commit":
              for (let times = 0; times < step.times; times++) await batch.commit(step.partition % partitions.length, step);
              break;
            case "publish": {
              const cut: Record<number, number> = {};
              for (const { partition } of partitions) {
                const ends = batch.manifests(partition).map(({ until }) => until);
                if (ends.length > 0) cut[partition] = ends[step.choice % ends.length]!;
              }
              await batch.publish(cut);
              break;
            }
          }
        }
        if (worker === undefined || !whole) {
          await worker?.stop().catch(() => undefined);
          worker = start(`w${++count}`, first);
        }
        await catchUp(worker);
        await expectTruth(world);
        for (const { running, release } of zombies) {
          await running.stop();
          await release();
        }
        await expectTruth(world);
        await worker.stop();
      }),
      { numRuns: 60, interruptAfterTimeLimit: 45_000 },
    );
  });

  it("writes the same bytes whatever it read, flushed and restarted", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(1), fc.array(record, { minLength: 1, maxLength: 15 }), fc.constantFrom(0, 30, 500)), { minLength: 1, maxLength: 8 }),
        settings,
        settings,
        async (appends, one, other) => {
          const busy = speedWorld();
          const producer = new Producer(busy.log);
          let worker = busy.start("w0", one);
          for (const [partition, records, ms] of appends) {
            producer.append(partition, records);
            await busy.clock.advance(ms);
            if (ms === 500) {
              await worker.stop();
              worker = busy.start("w1", other);
            }
          }
          await busy.catchUp(worker);
          await worker.stop();

          const quiet = speedWorld();
          const again = new Producer(quiet.log);
          for (const [partition, records] of appends) again.append(partition, records);
          const replay = quiet.start("w2", other);
          await quiet.catchUp(replay);
          await replay.stop();

          for (const view of views) expect(await dumpStored(busy.store, view, TOPIC)).toEqual(await dumpStored(quiet.store, view, TOPIC));
        },
      ),
      { numRuns: 40 },
    );
  });
});
