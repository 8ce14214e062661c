import type { PartitionTrust } from "../../../src/trust/trust.js";
import { formatValue } from "../text/format-number.js";

/** Share of the width that all below the cut takes: the log is long, and what happens is above the cut. */
const BATCH_SHARE = 0.26;

/**
 * A partition's offsets as a bar: what is batch, the chain of segments above the cut, and what is not in answers yet. Below
 * the cut it is not to scale.
 */
export function PartitionBar({ partition: { partition, log, cut, reach, segments } }: { readonly partition: PartitionTrust }) {
  if (log === null || reach === null) return <span class="soft">{log === null ? "gone" : "not read by a view"}</span>;
  const below = Math.max(log.start, cut ?? log.start);
  const hasBatch = cut !== null && cut > 0;
  const left = hasBatch ? BATCH_SHARE : 0;
  const span = Math.max(1, log.end - below);
  const x = (offset: number) => (left + (Math.min(Math.max(offset, below), log.end) - below) / span * (1 - left)) * 100;
  const first = segments.chain[0]?.first ?? reach;
  const said = `Partition ${partition}: log from ${log.start} to ${log.end}, ${cut === null ? "no cut" : `cut at ${cut}`}, answers hold everything below ${reach}`;
  return (
    <div class="partition-bar" role="img" aria-label={said} title={said}>
      {hasBatch ? <span class="part batch" style={{ left: "0%", width: `${left * 100}%` }} /> : null}
      {hasBatch ? <span class="part-label" style={{ left: "0%", width: `${left * 100}%` }}>{formatValue(below - log.start)}</span> : null}
      {/* Segments older than those that are listed. */}
      {first > below ? <span class="part speed sealed" style={{ left: `${x(below)}%`, width: `${x(first) - x(below)}%` }} /> : null}
      {segments.chain.map(({ first: from, until, sealed }) => (
        <span key={from} class={`part speed ${sealed ? "sealed" : "open"}`} style={{ left: `${x(from)}%`, width: `${x(until) - x(from)}%` }} title={`${sealed ? "sealed" : "open"} segment, offsets ${from} to ${until}`} />
      ))}
      {reach < log.end ? <span class="part unread" style={{ left: `${x(reach)}%`, width: `${Math.max(0.6, x(log.end) - x(reach))}%` }} /> : null}
      {hasBatch ? <span class="part-cut" style={{ left: `${left * 100}%` }} /> : null}
    </div>
  );
}
