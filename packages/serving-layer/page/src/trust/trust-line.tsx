import type { Trust } from "../../../src/trust/trust.js";
import type { Polled } from "../services/use-polled.js";
import { formatValue } from "../text/format-number.js";
import { duration } from "../text/format-time.js";

/** Why the numbers can be believed, in one line that leads to the whole. */
export function TrustLine({ trust: { value: trust, error }, href }: { readonly trust: Polled<Trust>; readonly href: string }) {
  if (trust === undefined) return <p class="trust-line">{error === undefined ? " " : `Trust cannot be told: ${error.message}`}</p>;
  const { at, generation, topics } = trust;
  const lacking = topics.filter(({ complete }) => !complete);
  const sum = (of: (topic: Trust["topics"][number]) => number) => topics.reduce((total, topic) => total + of(topic), 0);
  const [behind, late, dead] = [sum(({ lag }) => lag), sum((topic) => topic.late), sum(({ deadLetters }) => deadLetters)];
  return (
    <a class={`trust-line ${lacking.length > 0 ? "bad" : "good"}`} href={href}>
      <strong>{lacking.length > 0 ? `Not complete: ${lacking.map(({ topic }) => topic).join(", ")}` : "Complete"}</strong>
      <span>{generation === null ? "no generation yet, speed alone" : `generation ${generation.number}, ${duration(at - generation.publishedAt)} ago`}</span>
      <span>{behind === 0 ? "speed layer up to date" : `${formatValue(behind)} records behind`}</span>
      <span>{formatValue(late)} late</span>
      <span class={dead > 0 ? "notable" : ""}>
        {formatValue(dead)} dead letter{dead === 1 ? "" : "s"}
      </span>
      <span class="trust-more">Why these numbers hold →</span>
    </a>
  );
}
