import type { DeadLetterEntry } from "../../../src/http/served.js";
import { formatBytes, formatValue } from "../text/format-number.js";
import { fullTime } from "../text/format-time.js";

/** Records that could not be read: where, why, and as they came. */
export function DeadLetterList({ letters, more, zone }: { readonly letters: readonly DeadLetterEntry[]; readonly more: boolean; readonly zone: string }) {
  return (
    <section class="panel size-full" aria-label="Dead letters">
      <header class="panel-head">
        <div class="panel-title">
          <h2>Dead letters</h2>
          <p>Records that no event could be made of. They are kept as they came; <code>millrace dead-letters</code> replays them.</p>
        </div>
      </header>
      {letters.length === 0 ? <p class="nothing">None.</p> : null}
      <ul class="letters">
        {letters.map((letter) => (
          <li key={`${letter.topic}/${letter.logVersion}/${letter.partition}/${letter.offset}`}>
            <details>
              <summary>
                <code>
                  {letter.topic}/{letter.partition}@{letter.offset}
                </code>
                <span class="letter-reason">
                  {letter.reason}
                  {letter.column === null ? "" : ` in “${letter.column}”`}
                </span>
                <span class="soft">{fullTime(zone, letter.appendedAt)}</span>
              </summary>
              <p>{letter.detail}</p>
              {letter.value === null ? <p class="soft">The record has no value.</p> : <pre tabIndex={0}>{letter.value}</pre>}
              {letter.cut ? <p class="soft">The first characters of {formatBytes(letter.valueBytes)}.</p> : null}
            </details>
          </li>
        ))}
      </ul>
      {more ? <p class="soft more-letters">These are the oldest {formatValue(letters.length)}; there are more.</p> : null}
    </section>
  );
}
