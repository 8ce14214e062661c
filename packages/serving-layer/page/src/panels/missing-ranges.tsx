import type { MissingRange } from "../../../src/chain/missing-range.js";
import { formatValue } from "../text/format-number.js";
import { reasonText } from "./reason-text.js";

/** Each range of records once: several views lack the same. */
export function MissingRanges({ ranges }: { readonly ranges: readonly MissingRange[] }) {
  const texts = ranges.map(
    ({ topic, partition, from, until, reason }) => `${topic} partition ${partition}, ${until === null ? `from offset ${formatValue(from)} on` : `offsets ${formatValue(from)} to ${formatValue(until)}`}: ${reasonText(reason)}`,
  );
  return (
    <ul class="missing">
      {[...new Set(texts)].map((text) => (
        <li key={text}>{text}</li>
      ))}
    </ul>
  );
}
