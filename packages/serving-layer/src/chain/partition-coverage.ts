import { walkChain, type LogPartition, type ProgressRow } from "@millrace/core";
import type { MissingRange, MissingReason } from "./missing-range.js";

export interface PartitionLook extends LogPartition {
  /** Where the walk starts: the cut, or the origin of a partition that the cut does not know; null when nobody knows. */
  readonly start: number | null;
  /** Whether `start` is a cut. */
  readonly inCut: boolean;
  /** Start and end of the log's partition, looked at after the progress rows; undefined when it is another incarnation. */
  readonly log: { readonly start: number; readonly end: number } | undefined;
  /** The view's progress rows of this partition. */
  readonly progress: readonly ProgressRow[];
  /** Epoch ms. */
  readonly now: number;
}

export interface PartitionWalk {
  readonly start: number;
  readonly reach: number;
  readonly links: readonly ProgressRow[];
  readonly missing: readonly MissingRange[];
}

/** Walks the chain of one partition and names every range of the log that an answer would lack. Pure. */
export function walkPartition(look: PartitionLook): PartitionWalk {
  const { topic, logVersion, partition, log, now } = look;
  const range = (from: number, until: number | null, reason: MissingReason): MissingRange => ({ topic, logVersion, partition, from, until, reason });
  const rows = look.progress;
  if (look.start === null) {
    if (rows.length > 0) return { start: 0, reach: 0, links: [], missing: [range(0, null, "missing-origin")] };
    // Nobody has read it and nothing says where reading will begin: what the log holds now is what is missing.
    const start = log?.start ?? 0;
    return { start, reach: start, links: [], missing: log !== undefined && log.end > start ? [range(start, log.end, "unread")] : [] };
  }
  const { start } = look;
  const live = rows.filter((row) => row.coveredUntil > now);
  const chain = walkChain(live, start);
  const missing: MissingRange[] = [];
  if (chain.brokenAt !== undefined) {
    // Whether an expired row closes the hole tells the two apart.
    const complete = live.length < rows.length && walkChain(rows, start).brokenAt === undefined;
    missing.push(range(chain.reach, chain.brokenAt, complete ? "expired" : "broken-chain"));
  } else {
    let furthest = chain.reach;
    for (const row of rows) if (row.until > furthest) furthest = row.until;
    if (furthest > chain.reach) missing.push(range(chain.reach, furthest, "expired"));
  }
  for (const link of chain.links) if (!link.overlapping) missing.push(range(link.segment.first, link.until, "not-overlapping"));
  if (log !== undefined) {
    if (log.start > chain.reach) missing.push(range(chain.reach, log.start, "trimmed"));
    if (log.end < chain.reach) missing.push(range(log.end, chain.reach, "truncated"));
    if (!look.inCut && rows.length === 0 && log.end > start) missing.push(range(start, log.end, "unread"));
  }
  return { start, reach: chain.reach, links: chain.links, missing };
}
