import { opensSegment } from "@millrace/core";
import type { OpenSegment } from "@millrace/core";
import type { LogPartitionModel, ModelRecord } from "./model-log.js";
import type { ModelManifest } from "./master-dataset-model.js";
import { SEAL_GUARD_MS, SEGMENT_MS, SEGMENT_OFFSETS } from "./parameters.js";
import type { World } from "./world.js";

/** The grid of a partition. */
export const gridOf = ({ timestamps }: LogPartitionModel) => ({ segmentOffsets: SEGMENT_OFFSETS, segmentMs: timestamps === "append" ? SEGMENT_MS : null });

/**
 * One ingest of one partition: seals segment after segment and ends when there is none to seal. `lag`: how many of the
 * committed records it does not see yet.
 */
export function* ingestPartition(world: World, partition: number, lag: number): Generator<void> {
  for (;;) {
    const segment = sealedSegment(world, partition, lag);
    if (!segment) return;
    yield;
    const { first, until, previous, records } = segment;
    const files = new Map<number, { name: string; events: number }>();
    for (const date of new Set(records.filter(({ dead }) => !dead).map((record) => record.date))) {
      const rows = records.filter((record) => !record.dead && record.date === date);
      const name = `${date}/p${partition}-${first}`;
      world.master.files.set(name, rows);
      files.set(date, { name, events: rows.length });
      world.note(() => `ingest p${partition} writes file ${name} with the offsets ${rows.map(({ offset }) => offset).join()}`);
      yield;
    }
    const manifest: ModelManifest = { partition, first, until, previous, records: records.length, deadLetters: records.filter(({ dead }) => dead).length, files };
    if (world.master.commit(manifest)) world.note(() => `ingest p${partition} commits manifest [${first}, ${until}), previous ${previous}`);
    yield;
  }
}

interface SealedSegment {
  readonly first: number;
  readonly until: number;
  readonly previous: number;
  readonly records: readonly ModelRecord[];
}

/** The next segment, when it is sealed: by a record of the one after it, or by the guard, or because its end is fixed. */
function sealedSegment({ log, master, rules, now, note }: World, partition: number, lag: number): SealedSegment | undefined {
  const source = log[partition]!;
  if (rules.logVersionChecked && !source.recordedVersion) return undefined;
  const previous = master.sealedUntil(partition);
  if (rules.ingestRefusesHoles && source.start > previous) return undefined;
  const from = source.indexOf(Math.max(previous, source.start));
  const visible = Math.max(Math.min(from + 1, source.committed), source.committed - lag);
  const first = source.records[from];
  if (from >= visible || !first) return undefined;

  const fixed = rules.endFixedFirst ? master.fixedEnd(partition, first.offset) : undefined;
  if (fixed !== undefined) {
    const records = source.records.slice(from, visible).filter(({ offset }) => offset < fixed);
    // A rival saw further than this one does: wait until these records are visible here, too.
    return records.at(-1)?.offset === fixed - 1 ? { first: first.offset, until: fixed, previous, records } : undefined;
  }

  const open = { first: first.offset, firstAppendedAt: first.appendedAt };
  let next = from + 1;
  while (next < visible && !opens(source, open, source.records[next - 1]!.offset, source.records[next]!)) next++;
  const quietSince = source.timestamps === "append" ? (Math.floor(first.appendedAt / SEGMENT_MS) + 1) * SEGMENT_MS : now - SEAL_GUARD_MS;
  if (next === visible && now < quietSince + SEAL_GUARD_MS) return undefined;
  const until = source.records[next - 1]!.offset + 1;
  if (rules.endFixedFirst) {
    master.fixEnd(partition, first.offset, until);
    note(() => `ingest p${partition} fixes the end of segment ${first.offset} at ${until}${next === visible ? ": it is quiet" : ""}`);
  }
  return { first: first.offset, until, previous, records: source.records.slice(from, next) };
}

/** Whether `record` opens the next segment, given the offset of the record before it. */
export function opens(source: LogPartitionModel, open: OpenSegment, previousOffset: number, record: ModelRecord): boolean {
  return opensSegment(gridOf(source), open, previousOffset, record.offset, record.appendedAt);
}
