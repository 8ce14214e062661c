import { batchRun } from "./batch-run-model.js";
import { ingestPartition } from "./ingest-model.js";
import { COVER_MARGIN_MS, LONGEST_QUERY_MS, PARTITIONS, SEAL_GUARD_MS, SEGMENT_MS, SPEED_RETENTION_MS } from "./parameters.js";
import { query } from "./reader-model.js";
import type { Outcome } from "./reader-model.js";
import { seededRandom } from "./seeded-random.js";
import type { SpeedWorkerModel } from "./speed-worker-model.js";
import type { World } from "./world.js";

/**
 * What must hold once no more faults happen: one living worker a partition, the others dead, everything visible. Then
 * every answer is complete and as new as the log, unless records are past what the speed layer keeps or the log has; and
 * after a batch run (at the latest after the guard) always. Only what no layer can have any more stays away: records of
 * a log that was trimmed too far or re-created, and those never count as read.
 */
export function quiesce(world: World, workers: readonly SpeedWorkerModel[]): void {
  world.random = seededRandom(1);
  world.note(() => "--- no more faults");
  for (const partition of world.log) partition.committed = partition.records.length;
  const living = workers.slice(0, PARTITIONS);
  for (const zombie of workers.slice(PARTITIONS)) zombie.stop("a zombie");

  letWorkersCatchUp(living);
  const first = ask(world);
  if (world.failure) return;
  if (first !== undefined && !mayRefuse(world)) return world.fail("needless refusal", first);

  const { publications } = world.counts;
  let last = first;
  for (const waitMs of [0, 3 * SEGMENT_MS + SEAL_GUARD_MS, SPEED_RETENTION_MS + LONGEST_QUERY_MS]) {
    world.now += waitMs;
    for (let partition = 0; partition < PARTITIONS; partition++) run(ingestPartition(world, partition, 0));
    run(batchRun(world, "the last run", 1));
    letWorkersCatchUp(living);
    last = ask(world);
    if (world.failure) return;
    if (last === undefined) break;
  }
  if (world.counts.publications === publications) return world.fail("no run can publish", last ?? "although answers are served");
  if (last !== undefined) world.fail("permanent refusal", last);
}

/** Living workers go on; those that stopped are started again. */
function letWorkersCatchUp(workers: readonly SpeedWorkerModel[]): void {
  for (const worker of workers) {
    for (let round = 0; round < 3; round++) {
      if (!worker.serves) worker.start(true);
      worker.learn();
      worker.catchUp();
    }
  }
}

/** Asks every view that the current generation has. Returns why an answer was refused or stayed behind. */
function ask(world: World): string | undefined {
  let why: string | undefined;
  const known = world.publication.generation(world.publication.current)?.tables.length ?? 1;
  for (let view = 0; view < Math.min(known, world.views); view++) {
    const { refused, asOf } = run(query(world, view));
    if (refused !== undefined) why ??= `view ${view}: ${refused}`;
    else why ??= behind(world, asOf);
  }
  return why;
}

function behind({ log }: World, asOf: Outcome["asOf"]): string | undefined {
  for (const [partition, { truth, damaged }] of log.entries()) {
    const end = (truth.at(-1)?.offset ?? -1) + 1;
    if (asOf[partition]! < end && !damaged) return `p${partition}: the answer is as of ${asOf[partition]}, the log ends at ${end}`;
  }
  return undefined;
}

/** Whether a record at or above the cut has left the log, or is older than the speed layer keeps. */
function mayRefuse({ log, publication, now }: World): boolean {
  const generation = publication.generation(publication.current);
  if (!generation) return publication.steppedBack;
  return log.some(
    ({ start, truth, damaged }, partition) =>
      damaged ||
      start > generation.cut[partition]! ||
      truth.some((record) => record.offset >= generation.cut[partition]! && record.appendedAt + SPEED_RETENTION_MS - COVER_MARGIN_MS <= now),
  );
}

function run<R>(process: Generator<void, R>): R {
  for (;;) {
    const step = process.next();
    if (step.done === true) return step.value;
  }
}
