import type { TopicTrust } from "../../../src/trust/trust.js";
import { MissingRanges } from "../panels/missing-ranges.js";
import { formatValue, NONE } from "../text/format-number.js";
import { clockTime, dayOf, duration } from "../text/format-time.js";
import { PartitionBar } from "./partition-bar.js";

/** How far both layers are in a topic, partition by partition. */
export function TopicCard({ topic, zone }: { readonly topic: TopicTrust; readonly zone: string }) {
  const instant = (value: number | null) => (value === null ? NONE : `${dayOf(zone, value)} ${clockTime(zone, value, true)}`);
  const lacking = topic.views.filter(({ complete }) => !complete);
  return (
    <section class="panel size-full topic" aria-label={topic.topic} data-topic={topic.topic}>
      <header class="panel-head">
        <div class="panel-title">
          <h2>
            <code>{topic.topic}</code>
          </h2>
          <p>{topic.views.length === 0 ? "No view reads it; the master dataset keeps it" : topic.views.map(({ view }) => view).join(", ")}</p>
        </div>
        <span class={`badge ${topic.complete ? "good" : "bad"}`}>{topic.complete ? "Complete" : "Not complete"}</span>
      </header>
      {lacking.length === 0 ? null : (
        <div class="incomplete open" role="status">
          {lacking.map(({ view, missing }) => (
            <div key={view}>
              <p>Answers from {view} lack</p>
              <MissingRanges ranges={missing} />
            </div>
          ))}
        </div>
      )}
      <div class="table-frame" tabIndex={0} role="region" aria-label={`Partitions of ${topic.topic}`}>
        <table class="partitions">
          <thead>
            <tr>
              <th scope="col">Partition</th>
              <th scope="col" class="bar-column">
                Offsets
              </th>
              <th scope="col" class="number">Cut</th>
              <th scope="col" class="number">Answers to</th>
              <th scope="col" class="number">End of log</th>
              <th scope="col" class="number">Behind</th>
              <th scope="col" class="number" title="Of the speed layer: sealed and open">Segments</th>
              <th scope="col" class="number">Late</th>
              <th scope="col" class="number">Dead</th>
              <th scope="col" class="number watermark">Watermark</th>
              <th scope="col" class="number">Heartbeat</th>
            </tr>
          </thead>
          <tbody>
            {topic.partitions.map((partition) => (
              <tr key={`${partition.logVersion}/${partition.partition}`}>
                <th scope="row">{partition.partition}</th>
                <td class="bar-column">
                  <PartitionBar partition={partition} />
                </td>
                <td class="number">{formatValue(partition.cut)}</td>
                <td class="number">{formatValue(partition.reach)}</td>
                <td class="number">{formatValue(partition.log?.end)}</td>
                <td class={`number ${(partition.lag ?? 0) > 0 ? "notable" : ""}`}>{formatValue(partition.lag)}</td>
                <td class="number" title={`${partition.segments.sealed} sealed and ${partition.segments.open} open segments of the speed layer; ${partition.master.segments} in the master dataset`}>
                  {partition.segments.sealed} + {partition.segments.open}
                </td>
                <td class="number">{formatValue(partition.late)}</td>
                <td class={`number ${partition.deadLetters > 0 ? "bad" : ""}`}>{formatValue(partition.deadLetters)}</td>
                <td class="number">{instant(partition.watermark)}</td>
                <td class="number">{partition.heartbeatAgeMs === null ? NONE : duration(partition.heartbeatAgeMs)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
