import { chainFrom } from "./model-chain.js";
import { checkAnswer } from "./check-answer.js";
import type { ModelAnswer } from "./check-answer.js";
import type { ModelProgress } from "./model-store.js";
import { LONGEST_QUERY_MS, PARTITIONS } from "./parameters.js";
import type { ModelGeneration } from "./publication.js";
import type { World } from "./world.js";

export interface Outcome {
  readonly refused?: string;
  /** Offset after the last record that the answer has, by partition. */
  readonly asOf: readonly number[];
}

const refuse = (world: World, why: string): Outcome => {
  world.counts.refused++;
  world.note(() => `a query is refused: ${why}`);
  return { refused: why, asOf: [] };
};

/** One query over all windows of a view, without a snapshot: anything may happen at each yield. */
export function* query(world: World, view: number): Generator<void, Outcome> {
  const { publication, store, rules } = world;
  const startedAt = world.now;
  const generation = publication.generation(publication.current);
  const tablesFirst = world.random() < 0.5;
  if (!generation) return refuse(world, `generation ${publication.current} is gone`);
  if (!generation.tables[view]) return refuse(world, `generation ${generation.number} has no view ${view}`);
  // What was promised when the query began, and is still covered when it ends, must be in the answer.
  const promised = generation.cut.map((_, partition) => store.promised(view, partition, startedAt + LONGEST_QUERY_MS));
  yield;

  const ids = new Map<string, number[]>();
  if (tablesFirst && !(yield* readTables(world, startedAt, generation, view, ids))) return refuse(world, "a table version is gone");

  const links: ModelProgress[] = [];
  const asOf: number[] = [];
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const rows: ModelProgress[] = [];
    for (;;) {
      const row = store.progressAfter(view, partition, rows.at(-1)?.segment, world.now, world.random);
      if (!row) break;
      rows.push(row);
      yield;
    }
    const chain = chainFrom(rules, rows, generation.cut[partition]!);
    if (chain.brokenAt !== undefined) return refuse(world, `p${partition}: the chain reaches ${chain.reach}, rows reach ${chain.brokenAt}`);
    links.push(...chain.links);
    asOf.push(chain.reach);
  }
  for (const { segment } of links) {
    for (const [group, partial] of store.partials(view, segment, world.now, world.random)) add(ids, group, partial.ids);
    yield;
  }
  if (rules.coverageRechecked && links.some(({ coveredUntil }) => coveredUntil <= world.now)) return refuse(world, "rows expired while they were read");

  if (!tablesFirst && !(yield* readTables(world, startedAt, generation, view, ids))) return refuse(world, "a table version is gone");
  if (world.now - startedAt >= LONGEST_QUERY_MS) return refuse(world, "it took too long");

  const answer: ModelAnswer = { view, generation, links, asOf, ids };
  if (links.some(({ overlapping }) => !overlapping)) {
    world.counts.incomplete++;
    world.note(() => `a query of view ${view} is answered, but flagged as not complete`);
    return { asOf };
  }
  world.counts.accepted++;
  world.note(() => `a query of view ${view} is answered from g${generation.number}, cut ${generation.cut.join()}, as of ${asOf.join()}`);
  checkAnswer(world, answer);
  promised.forEach((until, partition) => {
    if (asOf[partition]! < until) world.fail("stale answer", `p${partition}: it is as of ${asOf[partition]}, ${until} was promised before it was asked`);
  });
  return { asOf };
}

/** False when a version was pruned. Until the longest query has ended that must not happen. */
function* readTables(world: World, startedAt: number, taken: ModelGeneration, view: number, ids: Map<string, number[]>): Generator<void, boolean> {
  const { publication, rules } = world;
  const generation = rules.pointerTakenOnce ? taken : publication.generation(publication.current);
  for (const version of generation?.tables[view]?.values() ?? []) {
    const content = publication.versions.get(version);
    for (const [group, more] of content ?? []) add(ids, group, more);
    if (!content && rules.missingVersionFails) {
      if (world.now - startedAt < LONGEST_QUERY_MS && !publication.steppedBack) world.fail("pruned under a query", `version ${version} of g${taken.number}`);
      return false;
    }
    yield;
  }
  return true;
}

function add(into: Map<string, number[]>, group: string, ids: readonly number[]): void {
  const known = into.get(group);
  if (known) known.push(...ids);
  else into.set(group, [...ids]);
}
