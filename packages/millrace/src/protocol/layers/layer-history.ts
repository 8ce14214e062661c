import { rmSync } from "node:fs";
import path from "node:path";
import { readCurrent } from "@millrace/core";
import { below, seededRandom } from "../model/seeded-random.js";
import type { CallFault } from "./gate.js";
import { quiesceLayers } from "./layer-quiescence.js";
import { LayerProcess } from "./layer-process.js";
import type { LayerStep, Role } from "./layer-schedule.js";
import { TOPIC } from "./layer-views.js";
import { LayerWorld, PARTITIONS } from "./layer-world.js";
import type { Workshop } from "./layer-world.js";
import type { Replication } from "./replicated-store.js";

const FAULTS: readonly CallFault[] = ["fails-before", "fails-after", "crashes-before", "crashes-after"];
const LONG_LIVED: ReadonlySet<string> = new Set(["speed", "ingest"]);
/** The last one's reads may miss its writes. */
const REPLICATIONS: readonly Replication[] = [
  { replicas: 3, written: 2, read: 2 },
  { replicas: 2, written: 2, read: 1 },
  { replicas: 3, written: 1, read: 1 },
];
const LONGEST_FINISH = 500;
/** Calls of a `work`, at most. */
const LONGEST_WORK = 60;

let histories = 0;

/** Runs a history of the layers themselves to its end, or to its first failure. */
export async function runLayerHistory(steps: readonly LayerStep[], workshop: Workshop, traced = false): Promise<LayerWorld> {
  const folder = `history-${++histories}`;
  const world = new LayerWorld(workshop, folder, traced);
  const processes = new LayerProcesses(world);
  try {
    for (const step of steps) {
      await take(world, processes, step);
      if (world.failure) return world;
    }
    await quiesceLayers(world, processes);
    return world;
  } finally {
    processes.killAll();
    rmSync(path.join(workshop.root, folder), { recursive: true, force: true });
  }
}

/** At most one living process a role. */
export class LayerProcesses {
  readonly #world: LayerWorld;
  readonly #living = new Map<Role, LayerProcess>();
  #started = 0;

  constructor(world: LayerWorld) {
    this.#world = world;
  }

  get(role: Role): LayerProcess | undefined {
    const process = this.#living.get(role);
    return process?.alive === true ? process : undefined;
  }

  /** Whether one was ever started. */
  get any(): boolean {
    return this.#started > 0;
  }

  start(role: Role, choice: number): LayerProcess {
    this.kill(role);
    const process = new LayerProcess(this.#world, role, ++this.#started, choice);
    this.#living.set(role, process);
    return process;
  }

  kill(role: Role): void {
    const process = this.get(role);
    if (!process) return;
    this.#world.note(() => `${process.name} is killed`);
    process.dead = true;
  }

  killAll(): void {
    for (const role of this.#living.keys()) this.kill(role);
  }
}

async function take(world: LayerWorld, processes: LayerProcesses, { kind, role, a, b, seed }: LayerStep): Promise<void> {
  const { gate, clock, log, counts } = world;
  const random = seededRandom(seed);
  const partition = a % PARTITIONS;
  switch (kind) {
    case "append":
      for (let more = 1 + (b % 3); more > 0; more--) world.append(partition, below(random, 1e6), below(random, 1e6));
      break;
    case "time": {
      const ms = a % 25 === 0 ? 3_000 + (b % 7_000) : a % 4 === 0 ? 200 + (b % 1_500) : b % 150;
      clock.set(clock.now() + ms);
      break;
    }
    case "work": {
      // Only some of the processes: the others are slow for a while.
      const mask = a % 4 === 0 ? -1 : below(random, 512);
      for (let left = 1 + (b % LONGEST_WORK); left > 0; left--) {
        const waiting = gate.waiting().flatMap(({ caller }, i) => ((mask >> (caller.name.charCodeAt(0) + caller.name.charCodeAt(caller.name.indexOf(" ") + 1)) % 9) & 1 ? [i] : []));
        if (waiting.length === 0) break;
        await gate.open(waiting[below(random, waiting.length)]!);
        if (world.failure) return;
      }
      break;
    }
    case "finish": {
      // It has the machine for itself, until it ends or waits for the clock or for records.
      const process = processes.get(role) ?? processes.start(role, a);
      await gate.settled();
      for (let calls = 0; calls < LONGEST_FINISH && process.alive; calls++) {
        const own = gate.waiting().flatMap(({ caller }, i) => (caller === process ? [i] : []));
        if (own.length === 0) break;
        await gate.open(own[below(random, own.length)]!);
        if (world.failure) return;
      }
      break;
    }
    case "start":
      if (processes.get(role) === undefined || (LONG_LIVED.has(role.split(" ")[0]!) && b % 4 === 0)) processes.start(role, a);
      break;
    case "crash":
      if (processes.get(role)) counts.crashes++;
      processes.kill(role);
      break;
    case "fault": {
      const process = processes.get(role);
      if (!process) break;
      process.fault = FAULTS[a % FAULTS.length];
      counts.faults++;
      break;
    }
    case "trim": {
      const cut = (await readCurrent(world.files, new AbortController().signal).catch(() => null))?.cut[TOPIC]?.find((position) => position.partition === partition);
      if (cut && !world.recreated) {
        counts.trims++;
        world.note(() => `retention trims p${partition} below ${cut.offset}`);
        log.trim(TOPIC, partition, cut.offset);
      }
      break;
    }
    case "trimTooFar": {
      const last = world.placed[partition]!.at(-1);
      if (!last || world.recreated) break;
      world.damaged.add(partition);
      world.note(() => `retention trims p${partition} below ${last.offset}`);
      log.trim(TOPIC, partition, last.offset);
      break;
    }
    case "recreate":
      if (world.placed.every((own) => own.length === 0)) break;
      for (let each = 0; each < PARTITIONS; each++) world.damaged.add(each);
      world.recreated = true;
      log.recreate(TOPIC);
      world.note(() => "the topic is re-created");
      break;
    case "createTime":
      // A topic is stamped by its producers from its first record on.
      if (world.placed.some((own) => own.length > 0) || processes.any) break;
      world.createTime = true;
      log.configure(TOPIC, { timestamps: "create" });
      world.note(() => "the topic has no broker clock");
      break;
    case "replicate":
      if (processes.any) break;
      world.replicate(REPLICATIONS[a % REPLICATIONS.length]!);
      world.note(() => `the store has ${world.replication.replicas} replicas`);
      break;
    case "deploy":
      world.views = 2;
      world.note(() => "the second view is deployed");
      break;
  }
  await gate.settled();
}
