import { cutOf, partitionName, walkChain, type Cut, type ProgressRow, type SegmentId, type ViewDefinition, type ViewStore } from "@millrace/core";
import type { TopicDataset } from "../master-dataset/topic-dataset.js";

/** The segments that cover exactly the records between two cuts, or why there are none. */
export type SegmentsBetween =
  | { readonly comparable: true; readonly rows: readonly ProgressRow[] }
  | { readonly comparable: false; readonly reason: string };

/** Walks the chain of every partition from one cut exactly to the other, over what is alive at `now` (epoch ms). */
export async function segmentsBetween(
  store: ViewStore,
  view: ViewDefinition,
  dataset: TopicDataset,
  from: Cut,
  until: Cut,
  now: number,
  signal: AbortSignal,
): Promise<SegmentsBetween> {
  const { topic } = view.from;
  const progress = await store.readProgress(view.fingerprint, topic, signal);
  const segments: ProgressRow[] = [];
  const refuse = (reason: string): SegmentsBetween => ({ comparable: false, reason });
  for (const { partition } of from[topic] ?? []) {
    if (cutOf(until, topic, partition) === undefined) return refuse(`partition ${partition} of "${topic}" is not in the new cut`);
  }
  for (const { partition, logVersion, offset } of until[topic] ?? []) {
    const at = { topic, partition, logVersion };
    const before = cutOf(from, topic, partition);
    if (before !== undefined && before.logVersion !== logVersion) return refuse(`"${partitionName(at)}" was re-created between the cuts`);
    const start = before?.offset ?? dataset.manifests(at)[0]?.previous ?? 0;
    if (offset < start) return refuse(`the cut of "${partitionName(at)}" moved back`);
    if (offset === start) continue;
    const links = progress.filter(
      ({ segment, sealed, coveredUntil, until: end }) =>
        segment.partition === partition && segment.logVersion === logVersion && sealed && coveredUntil > now && segment.first >= start && end <= offset,
    );
    const chain = walkChain(links, start);
    if (chain.reach !== offset) return refuse(`the speed layer covers "${partitionName(at)}" up to ${chain.reach} of [${start}, ${offset})`);
    if (chain.links.some(({ overlapping }) => !overlapping)) return refuse(`rows of "${partitionName(at)}" were written without overlap of reads and writes`);
    segments.push(...chain.links);
  }
  return { comparable: true, rows: segments };
}

export const segmentsOf = (rows: readonly ProgressRow[]): readonly SegmentId[] => rows.map(({ segment }) => segment);
