import type { LogPartition } from "./position.js";
import type { SegmentId } from "./segment.js";

/** What the chain walk reads of a progress row. All of it is a function of the log. */
export interface ChainLink {
  readonly segment: SegmentId;
  /** The offset after the last record before this segment's first (0-based origin: the partition's origin). */
  readonly previous: number;
  /** Every row of the view reflects at least the records below this offset. */
  readonly until: number;
  readonly sealed: boolean;
}

/** The path from a cut that reaches furthest, and how far that is. */
export interface Chain<L extends ChainLink> {
  /** The segments to merge, in order; only the last may be unsealed. */
  readonly links: readonly L[];
  /** The offset below which the links cover every record at or above the cut. */
  readonly reach: number;
  /** The end of the last sealed link, or the cut: where a worker starts again. */
  readonly sealedUntil: number;
  /** Rows exist beyond the reach that no chain leads to: an answer must be refused. Their largest `until`. */
  readonly brokenAt: number | undefined;
}

/**
 * Walks from the cut over the progress rows of one partition and view, trusting nothing: the first segment starts at
 * or above the cut and has `previous <= cut`; every next one follows a sealed segment and has `previous` = that
 * segment's `until`. Where several paths exist, the one that reaches furthest is taken.
 *
 * `links` are those of one (view, partition, log version), in any order; expired ones already left out.
 */
export function walkChain<L extends ChainLink>(links: readonly L[], cut: number): Chain<L> {
  const byPrevious = new Map<number, L[]>();
  for (const link of links) {
    const same = byPrevious.get(link.previous);
    if (same) same.push(link);
    else byPrevious.set(link.previous, [link]);
  }
  type Path = { readonly link: L; readonly rest: Path | undefined; readonly reach: number; readonly length: number };
  const best = new Map<L, Path>();
  const better = (a: Path | undefined, b: Path): Path =>
    a === undefined || b.reach > a.reach || (b.reach === a.reach && b.length > a.length) ? b : a;
  // Offsets grow along a path, so links in descending order of their start see every follower finished.
  for (const link of [...links].sort((a, b) => b.segment.first - a.segment.first)) {
    let follower: Path | undefined;
    if (link.sealed) {
      for (const next of byPrevious.get(link.until) ?? []) {
        const path = next.segment.first >= link.until ? best.get(next) : undefined;
        if (path) follower = better(follower, path);
      }
    }
    best.set(link, { link, rest: follower, reach: Math.max(link.until, follower?.reach ?? 0), length: 1 + (follower?.length ?? 0) });
  }
  let start: Path | undefined;
  for (const link of links) {
    if (link.segment.first >= cut && link.previous <= cut) start = better(start, best.get(link)!);
  }
  const chain: L[] = [];
  for (let path = start; path; path = path.rest) chain.push(path.link);
  const reach = Math.max(cut, start?.reach ?? cut);
  let sealedUntil = cut;
  for (const link of chain) if (link.sealed) sealedUntil = link.until;
  let furthest = reach;
  for (const link of links) if (link.until > furthest) furthest = link.until;
  return { links: chain, reach, sealedUntil, brokenAt: furthest > reach ? furthest : undefined };
}

/** Whether two ids name the same partition of the same incarnation of a topic. */
export function samePartition(a: LogPartition, b: LogPartition): boolean {
  return a.topic === b.topic && a.logVersion === b.logVersion && a.partition === b.partition;
}
