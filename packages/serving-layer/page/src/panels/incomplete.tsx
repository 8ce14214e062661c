import type { MissingRange } from "../../../src/chain/missing-range.js";
import { MissingRanges } from "./missing-ranges.js";
import { reasonText } from "./reason-text.js";

/** Says that the numbers below lack records that are known to exist. */
export function Incomplete({ missing }: { readonly missing: readonly MissingRange[] }) {
  const reasons = [...new Set(missing.map(({ reason }) => reasonText(reason)))];
  return (
    <details class="incomplete">
      <summary role="status">
        Not complete{reasons.length === 0 ? "" : `: ${reasons.join(", ")}`}
      </summary>
      <MissingRanges ranges={missing} />
    </details>
  );
}
