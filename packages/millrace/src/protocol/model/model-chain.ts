import { walkChain } from "@millrace/core";
import type { Chain } from "@millrace/core";
import type { ModelProgress } from "./model-store.js";
import type { Rules } from "./rules.js";

/** The walk of the production code, or one that lacks a rule. */
export function chainFrom(rules: Rules, rows: readonly ModelProgress[], cut: number): Chain<ModelProgress> {
  let chain = rules.chainNeedsSealed ? walkChain(rows, cut) : walkChain(rows.map((row) => ({ ...row, sealed: true })), cut);
  if (!rules.chainFollowsPrevious) {
    const links: ModelProgress[] = [];
    let reach = cut;
    for (const row of [...rows].sort((a, b) => a.segment.first - b.segment.first || b.until - a.until)) {
      if (row.segment.first < reach) continue;
      links.push(row);
      reach = row.until;
    }
    chain = { links, reach, sealedUntil: links.findLast(({ sealed }) => sealed)?.until ?? cut, brokenAt: undefined };
  }
  return rules.refusesBeyondReach ? chain : { ...chain, brokenAt: undefined };
}
