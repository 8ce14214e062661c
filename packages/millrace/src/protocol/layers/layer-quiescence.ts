import { readCurrent } from "@millrace/core";
import { createServing } from "@millrace/serving-layer";
import { describeError } from "./describe-error.js";
import { askView } from "./ask-view.js";
import type { Asked } from "./ask-view.js";
import { seededRandom, below } from "../model/seeded-random.js";
import type { LayerProcesses } from "./layer-history.js";
import type { Role } from "./layer-schedule.js";
import { TOPIC, VIEWS } from "./layer-views.js";
import { COVER_MARGIN_MS, GRID, REFRESH_MS, SEAL_GUARD_MS, SPEED_RETENTION_MS } from "./layer-world.js";
import type { LayerWorld } from "./layer-world.js";

const MOST_CALLS = 20_000;
/** When ingest closes a quiet segment of a topic without broker clock. */
const UNTIMED_QUIET_MS = 15 * 60_000;

/**
 * What must hold once no more faults happen, with one process of each role: answers are exact, complete and as new as
 * the log, unless records are older than the speed layer keeps or gone from the log; and after a batch run always.
 */
export async function quiesceLayers(world: LayerWorld, processes: LayerProcesses): Promise<void> {
  world.note(() => "--- no more faults");
  for (const role of ["speed 1", "ingest 0", "ingest 1", "run 0", "run 1", "operator", "reader 0", "reader 1"] as const) processes.kill(role);
  const speed = processes.get("speed 0");
  if (speed) speed.fault = undefined;
  const once = async (role: Role, choice: number): Promise<void> => {
    processes.start(role, choice);
    await letThrough(world);
  };
  const catchUp = async (): Promise<void> => {
    const process = processes.get("speed 0");
    if (process === undefined || process.views < world.views) processes.start("speed 0", 8);
    // Twice past the longest pause that a retry or a flush makes.
    for (let round = 0; round < 8; round++) {
      await letThrough(world);
      world.clock.set(world.clock.now() + REFRESH_MS);
    }
    await letThrough(world);
  };

  await catchUp();
  const first = await askAll(world);
  if (world.failure) return;
  if (first !== undefined && world.overlapping && !(await mayRefuse(world))) return world.fail("needless refusal", first);

  let last = first;
  const quietMs = world.createTime ? UNTIMED_QUIET_MS : 3 * GRID.segmentMs;
  for (const waitMs of [0, quietMs + SEAL_GUARD_MS, SPEED_RETENTION_MS]) {
    world.clock.set(world.clock.now() + waitMs);
    await letThrough(world);
    // Without broker clock, what an ingest has seen quiet for long enough is closed: by one that stays.
    if (!world.createTime) await once("ingest 0", 1);
    else if (processes.get("ingest 0") === undefined) await once("ingest 0", 2);
    await once("run 0", 1);
    if (world.failure) return;
    if (processes.get("run 0") !== undefined) return world.fail("stuck", "a run does not end");
    await catchUp();
    last = await askAll(world);
    if (world.failure || last === undefined) return;
  }
  // What was lost with a log is refused for good: better than a smaller number.
  if (world.damaged.size === 0) world.fail("permanent refusal", last ?? "");
}

/** Lets every call through, in a random order, until all processes wait for the clock or for records. */
async function letThrough(world: LayerWorld): Promise<void> {
  const random = seededRandom(1);
  await world.gate.settled();
  for (let calls = 0; world.gate.waiting().length > 0; calls++) {
    if (calls > MOST_CALLS) return world.fail("stuck", `${MOST_CALLS} calls without an end: ${world.gate.waiting()[0]?.method}`);
    await world.gate.open(below(random, world.gate.waiting().length));
    if (world.failure) return;
  }
}

/** Asks every view. Returns why one was refused or stayed behind. */
async function askAll(world: LayerWorld): Promise<string | undefined> {
  const { log, files, engine, clock } = world;
  const views = VIEWS.slice(0, world.views);
  const serving = createServing({ log, store: world.storeOf(), files, engine, clock, views });
  let why: string | undefined;
  for (const { name } of views) {
    try {
      const asked = await askView(world, serving, name);
      why ??= asked.refused ?? behind(world, asked, name);
    } catch (error) {
      world.fail("query failed", describeError(error));
    }
  }
  return why;
}

function behind({ placed, damaged }: LayerWorld, { asOf, missing }: Asked, view: string): string | undefined {
  for (const [partition, own] of placed.entries()) {
    const end = (own.at(-1)?.offset ?? -1) + 1;
    if (asOf[partition]! < end && !damaged.has(partition)) return `${view}: p${partition} is answered as of ${asOf[partition]}, the log ends at ${end}`;
  }
  // A dead worker's word about a gap counts for a while.
  const still = missing.filter((reason) => reason !== "worker-gap");
  return still.length === 0 || damaged.size > 0 ? undefined : `${view}: the answer lacks what is ${still.join()}`;
}

/** Whether a record at or above the cut has left the log, or is older than the speed layer keeps. */
async function mayRefuse({ files, log, clock, placed, damaged, views }: LayerWorld): Promise<boolean> {
  const signal = new AbortController().signal;
  if (damaged.size > 0) return true;
  const generation = await readCurrent(files, signal);
  // A view that was deployed after the run: the next one builds it.
  if (generation !== null && generation.tables.length < views) return true;
  const { partitions } = await log.describe(TOPIC, signal);
  return partitions.some(({ partition, start }) => {
    const cut = generation?.cut[TOPIC]?.find((position) => position.partition === partition)?.offset ?? 0;
    return start > cut || placed[partition]!.some(({ offset, appendedAt }) => offset >= cut && appendedAt + SPEED_RETENTION_MS - COVER_MARGIN_MS <= clock.now());
  });
}
