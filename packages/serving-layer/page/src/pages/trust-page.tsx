import type { Trust } from "../../../src/trust/trust.js";
import { useServices } from "../services/services.js";
import { usePolled, type Polled } from "../services/use-polled.js";
import { formatValue } from "../text/format-number.js";
import { duration, fullTime } from "../text/format-time.js";
import { DeadLetterList } from "../trust/dead-letter-list.js";
import { GenerationTable } from "../trust/generation-table.js";
import { TopicCard } from "../trust/topic-card.js";

/** Why the numbers can be believed: offsets, segments, generations, drift, late events and dead letters. */
export function TrustPage({ trust: { value: trust, error }, zone }: { readonly trust: Polled<Trust>; readonly zone: string }) {
  const { client } = useServices();
  const generations = usePolled((signal) => client.generations({ limit: 50 }, signal), 3_000);
  const deadLetters = usePolled((signal) => client.deadLetters({ limit: 100 }, signal), 3_000);
  const failed = [error, generations.error, deadLetters.error].find((one) => one !== undefined);
  const sum = (of: (topic: Trust["topics"][number]) => number) => trust?.topics.reduce((total, topic) => total + of(topic), 0);
  const stale = trust?.topics.flatMap(({ partitions }) => partitions.map(({ lag, heartbeatAgeMs }) => ((lag ?? 0) > 0 ? heartbeatAgeMs : 0)));
  return (
    <>
      <div class="view-head">
        <div>
          <h2>Trust</h2>
          <p>An answer is the generation below the cut plus the speed layer's segments from the cut on, joined by offset. This is how far each has come.</p>
        </div>
      </div>
      {failed === undefined ? null : (
        <div class="banner bad" role="alert">
          This may be out of date: {failed.message}
        </div>
      )}
      {trust === undefined ? (
        <div class="waiting" role="status" aria-label="Waiting for the first answer" />
      ) : (
        <div class="panels">
          <Figure title="Generation" value={trust.generation === null ? "none" : formatValue(trust.generation.number)} note={trust.generation === null ? "answers are speed alone" : `published ${duration(trust.at - trust.generation.publishedAt)} ago`} />
          <Figure title="Behind" value={formatValue(sum(({ lag }) => lag))} note={`records not in answers yet${stale === undefined || stale.includes(null) ? ", a partition has no worker" : Math.max(0, ...(stale as number[])) > 0 ? `, ${duration(Math.max(...(stale as number[])))} stale` : ""}`} />
          <Figure title="Late events" value={formatValue(sum(({ late }) => late))} note="each in its own window" />
          <Figure title="Dead letters" value={formatValue(sum(({ deadLetters: dead }) => dead))} note="kept, and not in any answer" />
          <ul class="legend bar-legend size-full" aria-label="What the bars show">
            <li>
              <span class="mark batch" />
              Batch, below the cut (not to scale)
            </li>
            <li>
              <span class="mark speed" />
              Speed: sealed segments
            </li>
            <li>
              <span class="mark speed open" />
              Speed: open segment
            </li>
            <li>
              <span class="mark unread" />
              Not in answers yet
            </li>
          </ul>
          {trust.topics.map((topic) => (
            <TopicCard key={topic.topic} topic={topic} zone={zone} />
          ))}
          <GenerationTable generations={generations.value ?? []} zone={zone} />
          <DeadLetterList letters={deadLetters.value?.deadLetters ?? []} more={deadLetters.value?.more ?? false} zone={zone} />
          <p class="soft as-of size-full">As of {fullTime(zone, trust.at)}</p>
        </div>
      )}
    </>
  );
}

function Figure({ title, value, note }: { readonly title: string; readonly value: string; readonly note: string }) {
  return (
    <section class="panel size-quarter kind-number" aria-label={title}>
      <header class="panel-head">
        <div class="panel-title">
          <h2>{title}</h2>
        </div>
      </header>
      <p class="figure">{value}</p>
      <p class="figure-note">{note}</p>
    </section>
  );
}
