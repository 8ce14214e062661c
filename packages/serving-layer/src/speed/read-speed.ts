import { PartialMerger, partitionName, segmentName, type Clock, type DimensionValue, type ProgressRow, type SegmentPartials, type ViewStore } from "@millrace/core";
import type { Coverage } from "../chain/coverage.js";
import type { MissingRange } from "../chain/missing-range.js";
import { UnservableError } from "../chain/unservable-error.js";
import { GroupTable } from "../merge/group-table.js";
import { groupingKey } from "../planner/plan-key.js";
import { planWindows } from "../planner/plan-windows.js";
import type { DimensionFilter, QueryPlan } from "../planner/query-plan.js";
import { RowLimitError } from "../planner/row-limit-error.js";
import type { BoundedCache } from "../sharing/bounded-cache.js";

export interface SpeedSource {
  readonly store: ViewStore;
  readonly clock: Clock;
  readonly maxGroups: number;
  /** Merged groups of sealed segments, by the segments and what is asked of them. */
  readonly sealed: BoundedCache<GroupTable>;
}

export interface SpeedPart {
  readonly groups: GroupTable;
  /** Ranges that expired while they were read. Only where incomplete answers are taken. */
  readonly missing: readonly MissingRange[];
}

/**
 * Reads the rows of the chained segments whose windows touch the range; with none, nothing is asked of the store. A sealed
 * segment's rows never change, so what they merge to is kept, and as long as the same ones are chained only open segments
 * are read.
 *
 * @throws {UnservableError} when a row lies beyond the end of its sealed segment, when rows expired while they were read,
 *   or when the store fails.
 */
export async function readSpeed(source: SpeedSource, plan: QueryPlan, coverage: Coverage, signal: AbortSignal): Promise<SpeedPart> {
  const { view } = plan;
  const links = coverage.partitions.flatMap((partition) => partition.links).filter((link) => touches(link, plan));
  if (links.length === 0) return { groups: mergeRows(source, plan, []), missing: [] };
  const sealed = links.filter((link) => link.sealed);
  const key = `${groupingKey(plan)} ${sealed.map(({ segment, version }) => `${nameOf(segment)}@${version}`).join(" ")}`;
  let below = sealed.length === 0 ? undefined : source.sealed.get(key);
  const wanted = below === undefined ? links : links.filter((link) => !link.sealed);
  const batches = wanted.length === 0 ? [] : await readRows(source, plan, wanted, signal);
  // Rows may have expired between the first look at the chain and the last row.
  const now = source.clock.now();
  const missing = links.filter((link) => link.coveredUntil <= now).map(({ segment, until }): MissingRange => ({
    topic: segment.topic, logVersion: segment.logVersion, partition: segment.partition, from: segment.first, until, reason: "expired",
  }));
  if (missing.length > 0 && !plan.allowIncomplete) throw new UnservableError(view.name, "expired", { ranges: missing });
  const isSealed = new Set(sealed.map(({ segment }) => nameOf(segment)));
  if (below === undefined && sealed.length > 0) {
    below = mergeRows(source, plan, batches.filter(({ segment }) => isSealed.has(nameOf(segment))));
    if (missing.length === 0) source.sealed.set(key, below);
  }
  if (sealed.length === links.length) return { groups: below!, missing };
  const above = mergeRows(source, plan, batches.filter(({ segment }) => !isSealed.has(nameOf(segment))));
  if (below === undefined || below.length === 0) return { groups: above, missing };
  const merger = new PartialMerger(view.cells);
  merger.add(below);
  merger.add(above);
  checkGroups(source, plan, merger);
  return { groups: new GroupTable(merger.result()), missing };
}

/** @throws {UnservableError} when a row lies beyond the end of its sealed segment. */
async function readRows(source: SpeedSource, plan: QueryPlan, links: readonly ProgressRow[], signal: AbortSignal): Promise<readonly SegmentPartials[]> {
  const byName = new Map(links.map((link) => [nameOf(link.segment), link]));
  const batches: SegmentPartials[] = [];
  const request = { view: plan.view, segments: links.map(({ segment }) => segment), from: plan.from, until: plan.until };
  for await (const batch of readOf(source, plan, request, signal)) {
    const link = byName.get(nameOf(batch.segment));
    if (link === undefined) continue;
    if (link.sealed) {
      for (let row = 0; row < batch.length; row++) if (batch.versions[row]! > link.until) throw beyondSegment(plan.view.name, link, batch.versions[row]!);
    }
    batches.push(batch);
  }
  return batches;
}

/** Rows as the groups that are asked for. */
function mergeRows(source: SpeedSource, plan: QueryPlan, batches: readonly SegmentPartials[]): GroupTable {
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (const { windows, length } of batches) {
    for (let row = 0; row < length; row++) {
      if (windows[row]! < first) first = windows[row]!;
      if (windows[row]! > last) last = windows[row]!;
    }
  }
  // Windows are planned for what was found, so that a range "from the beginning" does not make a calendar of it.
  const windows = last >= first ? planWindows(plan, first, last + 1) : undefined;
  const merger = new PartialMerger(plan.view.cells, {
    dimensions: plan.by.map(({ index }) => index),
    window: windows === undefined ? () => 0 : (start) => windows.startOf(start),
  });
  const filters = plan.filters.map((filter) => ({ index: filter.index, accepts: acceptorOf(filter) }));
  for (const batch of batches) {
    merger.add(batch, (row) => {
      const window = batch.windows[row]!;
      return window >= plan.from && window < plan.until && filters.every(({ index, accepts }) => accepts(batch.dimensions[index]![row]!));
    });
    checkGroups(source, plan, merger);
  }
  return new GroupTable(merger.result());
}

function checkGroups({ maxGroups }: SpeedSource, plan: QueryPlan, merger: PartialMerger): void {
  if (merger.size > maxGroups) throw new RowLimitError(plan.view.name, "groups", maxGroups);
}

async function* readOf(source: SpeedSource, plan: QueryPlan, request: Parameters<ViewStore["read"]>[0], signal: AbortSignal): AsyncIterable<SegmentPartials> {
  try {
    yield* source.store.read(request, signal);
  } catch (cause) {
    signal.throwIfAborted();
    throw new UnservableError(plan.view.name, "store-unreachable", { ranges: [], detail: `reading rows of store "${source.store.name}"`, cause });
  }
}

function touches({ minWindow, maxWindow }: ProgressRow, { from, until }: QueryPlan): boolean {
  return minWindow !== null && maxWindow !== null && maxWindow >= from && minWindow < until;
}

const nameOf = (segment: ProgressRow["segment"]) => `${partitionName(segment)}/${segmentName(segment)}`;

function acceptorOf({ values, orNull }: DimensionFilter): (value: DimensionValue) => boolean {
  const set = new Set<DimensionValue>(values);
  return (value) => (value === null ? orNull : set.has(typeof value === "bigint" && BigInt(Number(value)) === value && Number.isSafeInteger(Number(value)) ? Number(value) : value));
}

function beyondSegment(view: string, { segment, until }: ProgressRow, version: number): UnservableError {
  return new UnservableError(view, "row-beyond-segment", {
    ranges: [],
    detail: `"${nameOf(segment)}" is sealed at offset ${until} and has a row that reaches ${version}`,
  });
}
