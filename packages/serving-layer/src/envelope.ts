import type { Clock } from "@millrace/core";
import type { Coverage } from "./chain/coverage.js";
import type { MissingRange } from "./chain/missing-range.js";
import type { QueryPlan } from "./planner/query-plan.js";
import type { Envelope } from "./query/answer.js";

/** Describes an answer that was made from `coverage`; `missing` are the ranges found while reading. */
export function envelopeOf(plan: QueryPlan, coverage: Coverage, missing: readonly MissingRange[], clock: Clock): Envelope {
  const all = [...coverage.missing, ...missing];
  const watermark = watermarkOf(coverage);
  let late = 0;
  let behind = 0;
  let staleMs: number | null = 0;
  for (const { links, end, reach, heartbeatAt } of coverage.partitions) {
    for (const link of links) late += link.late;
    if (end === undefined || end <= reach) continue;
    behind += end - reach;
    if (staleMs !== null) staleMs = heartbeatAt === null ? null : Math.max(staleMs, clock.now() - heartbeatAt);
  }
  return {
    generation: coverage.generation?.number ?? 0,
    cut: coverage.cut,
    asOf: coverage.partitions.map(({ topic, logVersion, partition, reach }) => ({ topic, logVersion, partition, offset: reach })),
    watermark,
    provisional: watermark === null || plan.until > watermark - plan.view.from.latenessMs,
    complete: all.length === 0,
    late,
    behind,
    staleMs,
    ...(all.length > 0 ? { missing: all } : {}),
  };
}

/** Partitions that never held a record say nothing about time. */
function watermarkOf({ partitions }: Coverage): number | null {
  let min: number | null = null;
  for (const { empty, watermark } of partitions) {
    if (empty) continue;
    if (watermark === null) return null;
    if (min === null || watermark < min) min = watermark;
  }
  return min;
}
