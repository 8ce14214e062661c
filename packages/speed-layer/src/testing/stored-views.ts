import { PartialMerger, segmentName, walkChain } from "@millrace/core";
import type { Chain, LogPartition, PartialBatch, ProgressRow, SegmentPartials, ViewDefinition, ViewStore } from "@millrace/core";

const signal = new AbortController().signal;

/** The chain of one view and partition, as a reader walks it. */
export async function readChain(store: ViewStore, view: ViewDefinition, partition: LogPartition, cut: number, now: number): Promise<Chain<ProgressRow>> {
  const rows = await store.readProgress(view.fingerprint, partition.topic, signal);
  return walkChain(
    rows.filter(({ segment, coveredUntil }) => segment.partition === partition.partition && segment.logVersion === partition.logVersion && coveredUntil > now),
    cut,
  );
}

/** The rows of chained segments, merged: window and dimensions, to the cells. */
export async function mergeStored(store: ViewStore, view: ViewDefinition, links: readonly ProgressRow[]): Promise<Map<string, string>> {
  const merger = new PartialMerger(view.cells);
  for await (const partials of store.read({ view, segments: links.map(({ segment }) => segment), from: -Infinity, until: Infinity }, signal)) merger.add(partials);
  return rowsOf(merger.result());
}

/** Everything that a store holds of a view and topic, in an order of its own: two stores are equal when their dumps are. */
export async function dumpStored(store: ViewStore, view: ViewDefinition, topic: string): Promise<readonly string[]> {
  const progress = await store.readProgress(view.fingerprint, topic, signal);
  const lines = progress.map((row) => `progress ${JSON.stringify(row, Object.keys(row).sort())} ${segmentName(row.segment)} p${row.segment.partition}`);
  for await (const partials of store.read({ view, segments: progress.map(({ segment }) => segment), from: -Infinity, until: Infinity }, signal)) {
    for (const [key, cells] of rowsOf(partials)) lines.push(`row p${partials.segment.partition} ${segmentName(partials.segment)} ${key} ${cells} v${versionOf(partials, key)}`);
  }
  return lines.sort();
}

function keyAt(batch: PartialBatch, i: number): string {
  return [batch.windows[i]!, ...batch.dimensions.map((values) => values[i])].join("|");
}

function rowsOf(batch: PartialBatch): Map<string, string> {
  return new Map(Array.from({ length: batch.length }, (_, i) => [keyAt(batch, i), batch.cells.map((cell) => cell[i]).join("|")]));
}

function versionOf(partials: SegmentPartials, key: string): number | undefined {
  for (let i = 0; i < partials.length; i++) if (keyAt(partials, i) === key) return partials.versions[i];
  return undefined;
}
