import { batchRun } from "./batch-run-model.js";
import { ingestPartition } from "./ingest-model.js";
import { PARTITIONS } from "./parameters.js";
import { prune, rollBack } from "./publication.js";
import { quiesce } from "./quiescence.js";
import { query } from "./reader-model.js";
import { seededRandom } from "./seeded-random.js";
import type { Step } from "./schedule.js";
import { SpeedWorkerModel } from "./speed-worker-model.js";
import type { Rules } from "./rules.js";
import type { Variant } from "./variant.js";
import { World } from "./world.js";

const INGESTS = 3;
const RUNS = 2;
const READERS = 2;

/** The processes of one history. Those that are generators advance from one write or read to the next; dropping one is a crash. */
export class History {
  readonly world: World;
  /** Two a partition: at most one of them should be there, none knows that. */
  readonly workers: readonly SpeedWorkerModel[];
  readonly #ingests: (Generator<void> | undefined)[] = [];
  readonly #lags: number[] = [];
  readonly #runs: (Generator<void> | undefined)[] = [];
  readonly #readers: (Generator<void, unknown> | undefined)[] = [];
  #operator: Generator<void> | undefined;

  constructor(variant: Variant, rules: Rules, traced = false) {
    this.world = new World(variant, rules, traced);
    this.workers = Array.from({ length: 2 * PARTITIONS }, (_, i) => new SpeedWorkerModel(this.world, `${i}`, i % PARTITIONS));
  }

  step({ kind, a, b, seed }: Step): void {
    const { world } = this;
    world.random = seededRandom(seed);
    const partition = world.log[a % PARTITIONS]!;
    const worker = this.workers[a % this.workers.length]!;
    const once = b % 2 === 1;
    switch (kind) {
      case "append": {
        const record = partition.append(world.nextRecordId(), world.now, a >> 1, b, seed >>> 4);
        if (b % 3 > 0) partition.committed = partition.records.length;
        world.note(() => `p${a % PARTITIONS} has offset ${record.offset}, appended at ${record.appendedAt}, date ${record.date}, key ${record.key}${record.dead ? ", a dead letter" : ""}${b % 3 > 0 ? "" : ", not yet visible"}`);
        return;
      }
      case "time":
        world.now = later(world, a % 40, b);
        return;
      case "commit":
        partition.committed = once ? partition.records.length : Math.min(partition.records.length, partition.committed + 1);
        return;
      case "read":
        return worker.read(1 + (b % 4));
      case "flush":
        if (b % 3 === 0) return worker.flushAll();
        for (let steps = b % 3 === 1 ? 1 : 1 + (seed % 8); steps > 0 && worker.flush(); steps--);
        return;
      case "start":
        return worker.start(b % 3 !== 1);
      case "learn":
        return worker.learn();
      case "catchUp":
        return worker.catchUp();
      case "ingest": {
        const i = a % INGESTS;
        this.#ingests[i] = advance(this.#ingests[i] ?? ingestPartition(world, i % PARTITIONS, this.#lags[i] ?? 0), once);
        return;
      }
      case "crashIngest":
        this.#ingests[a % INGESTS] = undefined;
        this.#lags[a % INGESTS] = b % 4 === 0 ? 1 + (b % 3) : 0;
        return;
      case "run": {
        const i = a % RUNS;
        this.#runs[i] = advance(this.#runs[i] ?? batchRun(world, `run ${i}`, b >> 1), once);
        return;
      }
      case "crashRun":
        this.#runs[a % RUNS] = undefined;
        return;
      case "rollBack":
        this.#operator = advance(this.#operator ?? rollBack(world, a), once);
        return;
      case "prune":
        this.#operator = advance(this.#operator ?? prune(world), once);
        return;
      case "query": {
        const i = a % READERS;
        this.#readers[i] = advance(this.#readers[i] ?? query(world, (b >> 2) % world.views), once);
        return;
      }
      case "trim":
        return this.#trim(a % PARTITIONS, b % 4 === 0 ? world.master.sealedUntil(a % PARTITIONS) : this.#cut(a % PARTITIONS));
      case "trimTooFar":
        return this.#trim(a % PARTITIONS, partition.end);
      case "recreate":
        partition.recreate();
        return world.note(() => `the topic of p${a % PARTITIONS} is re-created`);
      case "deploy":
        if (b % 3 > 0) return;
        world.views = 2;
        return world.note(() => "view 1 is deployed");
      case "sweep":
        return world.store.sweep(world.now);
    }
  }

  /** No more faults: see {@link quiesce}. */
  end(): void {
    this.#ingests.length = this.#runs.length = this.#readers.length = 0;
    this.#operator = undefined;
    quiesce(this.world, this.workers);
  }

  #cut(partition: number): number {
    const { publication } = this.world;
    return publication.generation(publication.current)?.cut[partition] ?? 0;
  }

  #trim(partition: number, offset: number): void {
    const source = this.world.log[partition]!;
    if (!source.recordedVersion || offset <= source.start) return;
    source.start = offset;
    if (offset > this.world.master.sealedUntil(partition)) source.damaged = true;
    this.world.note(() => `retention trims p${partition} below ${offset}`);
  }
}

/** Mostly a little later; now and then the next segment, an instant about an expiry, or past what the speed layer keeps. */
function later({ now, store }: World, choice: number, b: number): number {
  if (choice === 0) return now + 30 + (b % 60);
  if (choice === 1) return now + 5 + (b % 7);
  if (choice === 2) return Math.max(now, store.nextExpiry(now) - (b % 6));
  return now + (choice % 6);
}

/** One step, or all of them. Undefined when the process has ended. */
function advance<R>(process: Generator<void, R>, once: boolean): Generator<void, R> | undefined {
  for (;;) {
    if (process.next().done === true) return undefined;
    if (once) return process;
  }
}

/** Runs a history to its end, or to its first failure. */
export function runHistory(steps: readonly Step[], variant: Variant, rules: Rules, traced = false): World {
  const history = new History(variant, rules, traced);
  for (const step of steps) {
    history.step(step);
    if (history.world.failure) return history.world;
  }
  history.end();
  return history.world;
}
