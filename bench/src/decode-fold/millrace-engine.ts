import { PartialMerger, ViewFold, createEventDecoder, type PartialBatch } from "@millrace/core";
import { readRawBatches } from "../listen-events/read-raw-batches.js";
import type { Engine } from "./engine.js";
import { fiveViews, fiveViewsPlan } from "./five-views.js";
import { rowTotals, type Totals } from "./totals.js";

/** Our decoder and fold, a set of each for every partition, as the speed layer has them. */
export function millraceEngine(directory: string, batchRecords: number): Engine {
  const partitions = readRawBatches(directory, batchRecords);
  return {
    version: "this revision",
    run: () => {
      const folds = partitions.map((batches) => {
        const decoder = createEventDecoder(fiveViewsPlan);
        const folds = fiveViews.map((view) => new ViewFold(view));
        for (const raw of batches) {
          const batch = decoder.decode(raw);
          for (const fold of folds) fold.add(batch);
        }
        return folds;
      });
      return Promise.resolve(folds);
    },
    totals: (result) => Promise.resolve(totalsOf(result as readonly (readonly ViewFold[])[])),
  };
}

function totalsOf(partitions: readonly (readonly ViewFold[])[]): Totals {
  const [minute, song, artist, state, users] = fiveViews.map((view, v) => {
    const merger = new PartialMerger(view.cells);
    for (const folds of partitions) merger.add(folds[v]!.all());
    return merger.result();
  }) as [PartialBatch, PartialBatch, PartialBatch, PartialBatch, PartialBatch];
  const counts = ({ cells }: PartialBatch) => rowTotals(cells[0] as readonly number[]);
  const [distinct] = fiveViews[4]!.measures;
  const order = Array.from(users.windows.keys()).sort((a, b) => users.windows[a]! - users.windows[b]!);
  return {
    minute: counts(minute),
    song: counts(song),
    artist: counts(artist),
    state: counts(state),
    users: order.map((row) => distinct!.present([users.cells[0]![row]!]) as number),
    sketched: true,
  };
}
