import { walkChain } from "@millrace/core";
import type { ModelProgress } from "./model-store.js";
import { PARTITIONS } from "./parameters.js";
import type { ModelGeneration } from "./publication.js";
import type { World } from "./world.js";

/**
 * Drift of every view that both generations have: the new tables against the parent's merged with the segments between
 * the two cuts. False when a list blocks publication: in a model without defects of the layers it must not.
 */
export function* reconcile(world: World, parent: ModelGeneration, cut: readonly number[], tables: readonly ReadonlyMap<number, number>[]): Generator<void, boolean> {
  const { store, publication, counts } = world;
  for (let view = 0; view < Math.min(parent.tables.length, tables.length); view++) {
    const between = segmentsBetween(world, view, parent.cut, cut);
    if (!between) continue;
    yield;
    const expected: string[] = [];
    for (const version of parent.tables[view]!.values()) {
      // Its parent was replaced and pruned meanwhile: this run is going to lose.
      const content = publication.versions.get(version);
      if (!content) return false;
      for (const [group, ids] of content) for (const id of ids) expected.push(`${group}#${id}`);
    }
    for (const { segment } of between) {
      for (const [group, { ids }] of store.partials(view, segment, world.now, world.random)) for (const id of ids) expected.push(`${group}#${id}`);
    }
    // Rows may have expired while they were read: then there is nothing to compare with.
    if (between.some(({ coveredUntil }) => coveredUntil <= world.now)) continue;
    const actual: string[] = [];
    for (const version of tables[view]!.values()) {
      for (const [group, ids] of publication.versions.get(version)!) for (const id of ids) actual.push(`${group}#${id}`);
    }
    counts.comparedDrifts++;
    if (expected.sort().join() !== actual.sort().join()) {
      world.fail("wrong drift", `view ${view}: parent and speed layer have ${expected.join(" ")}, the batch layer ${actual.join(" ")}`);
      return false;
    }
  }
  return true;
}

/** The chained segments from one cut to the other, or undefined when the speed layer does not have them all. */
function segmentsBetween({ store, now, random }: World, view: number, from: readonly number[], until: readonly number[]): readonly ModelProgress[] | undefined {
  const between: ModelProgress[] = [];
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const [low, high] = [from[partition]!, until[partition]!];
    if (high < low) return undefined;
    if (high === low) continue;
    const rows = store.progress(view, partition, now, random).filter((row) => row.sealed && row.until <= high && row.overlapping);
    const chain = walkChain(rows, low);
    if (chain.reach !== high) return undefined;
    between.push(...chain.links);
  }
  return between;
}
