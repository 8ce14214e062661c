import { groupOf, isEventOf } from "./model-log.js";
import type { ModelProgress } from "./model-store.js";
import { PARTITIONS } from "./parameters.js";
import type { ModelGeneration } from "./publication.js";
import type { World } from "./world.js";

export interface ModelAnswer {
  readonly view: number;
  readonly generation: ModelGeneration;
  readonly links: readonly ModelProgress[];
  readonly asOf: readonly number[];
  /** The record ids of each group, as merged. */
  readonly ids: ReadonlyMap<string, readonly number[]>;
}

/**
 * Compares an answer that nothing flagged with a plain fold over the log: every record below its as-of offsets is in it,
 * none is in it twice, none that the log does not have; and its accounts are those of the log below the as-of offsets.
 */
export function checkAnswer(world: World, { view, generation, links, asOf, ids }: ModelAnswer): void {
  const groups = new Map<number, string>();
  for (const [group, members] of ids) {
    for (const id of members) {
      if (groups.has(id)) world.fail("record counted twice", `record ${id} in ${group}`);
      groups.set(id, group);
    }
  }
  let found = 0;
  for (let partition = 0; partition < PARTITIONS; partition++) {
    let records = 0;
    let deadLetters = 0;
    for (const record of world.log[partition]!.truth) {
      const within = record.offset < asOf[partition]!;
      if (within) {
        records++;
        if (record.dead) deadLetters++;
      }
      if (!isEventOf(view, record)) continue;
      const group = groups.get(record.id);
      if (group === groupOf(record)) found++;
      else if (within) world.fail("lost record", `offset ${record.offset} of p${partition}, as of ${asOf[partition]}, cut ${generation.cut[partition]}`);
    }
    const accounted = { records: 0, deadLetters: 0 };
    for (const part of world.master.manifests(partition)) if (part.until <= generation.cut[partition]!) count(accounted, part);
    for (const link of links) if (link.segment.partition === partition) count(accounted, link);
    if (accounted.records !== records || accounted.deadLetters !== deadLetters) {
      world.fail("wrong accounts", `p${partition} as of ${asOf[partition]}: ${accounted.records} records and ${accounted.deadLetters} dead letters, the log has ${records} and ${deadLetters}`);
    }
  }
  if (found !== groups.size) world.fail("foreign record", `${groups.size - found} records are in no group of the log`);
}

function count(into: { records: number; deadLetters: number }, from: { readonly records: number; readonly deadLetters: number }): void {
  into.records += from.records;
  into.deadLetters += from.deadLetters;
}
