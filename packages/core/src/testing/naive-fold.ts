import { decodeBatch } from "../events/decode-batch.js";
import { createEventDecoder } from "../events/event-decoder.js";
import type { EventLog } from "../ports/event-log.js";
import { planStreams } from "../streams/stream-plan.js";
import { EVERY_MS } from "../views/view-definition.js";
import type { ViewDefinition } from "../views/view-definition.js";
import { foldCells, insideRow, passes } from "./fold-cells.js";
import type { PresentedRow } from "./fold-cells.js";

/** What a view must answer, and what its records were. */
export interface NaiveFold {
  /** At the view's own granularity: `window` (a Date), every dimension, every measure. In no order that matters. */
  readonly rows: readonly PresentedRow[];
  /** records = events + deadLetters; filtered are events that the view's `where` leaves out. */
  readonly records: number;
  readonly events: number;
  readonly filtered: number;
  readonly deadLetters: number;
  readonly late: number;
}

/** The first offset that is left out, by partition. */
export type Below = Readonly<Record<number, number>>;

/**
 * Folds a view over the log with a Map, one event after another: what every answer is compared with. Without `below`,
 * over all that the log holds now.
 */
export async function naiveFold(log: EventLog, view: ViewDefinition, signal: AbortSignal, below?: Below): Promise<NaiveFold> {
  const { from, by, every, measures } = view;
  const [plan] = planStreams([view]);
  const groups = new Map<string, { readonly window: number; readonly dimensions: readonly unknown[]; readonly rows: PresentedRow[] }>();
  const counts = { records: 0, events: 0, filtered: 0, deadLetters: 0, late: 0 };
  const { partitions } = await log.describe(from.topic, signal);
  for (const { partition, start, end } of partitions) {
    const until = below?.[partition] ?? end;
    if (start >= until) continue;
    const decoder = createEventDecoder<PresentedRow>(plan!);
    for await (const raw of log.read({ topic: from.topic, partition, from: start }, signal)) {
      const batch = await decodeBatch(decoder, raw, signal);
      counts.records += [...raw.offsets].filter((offset) => offset < until).length;
      counts.deadLetters += batch.deadLetters.filter(({ offset }) => offset < until).length;
      let i = -1;
      for (const row of batch.rows) {
        i++;
        if (batch.offsets[i]! >= until) continue;
        counts.events++;
        counts.late += batch.late[i]!;
        if (!passes(view.where, insideRow(from, row))) {
          counts.filtered++;
          continue;
        }
        const window = Math.floor(batch.eventTime[i]! / EVERY_MS[every]) * EVERY_MS[every];
        const dimensions = by.map((name) => row[name] ?? null);
        const key = JSON.stringify([window, ...dimensions.map((value) => (typeof value === "bigint" ? `${value}n` : value))]);
        const group = groups.get(key);
        if (group) group.rows.push(row);
        else groups.set(key, { window, dimensions, rows: [row] });
      }
      if (raw.position >= until || raw.position >= raw.end) break;
    }
  }
  const rows = [...groups.values()].map(({ window, dimensions, rows }) => {
    const row: Record<string, unknown> = { window: new Date(window) };
    by.forEach((name, d) => (row[name] = dimensions[d]));
    for (const measure of measures) row[measure.name] = measure.present(foldCells(from, measure.cells, rows));
    return row;
  });
  return { rows, ...counts };
}
