import { readRawBatches } from "../listen-events/read-raw-batches.js";
import type { Engine } from "./engine.js";
import { MinuteMaps } from "./minute-maps.js";

/** What one would write without us. */
export function jsonParseEngine(directory: string, batchRecords: number): Engine {
  const partitions = readRawBatches(directory, batchRecords);
  return {
    version: `node ${process.version}`,
    run: () => {
      const maps = new MinuteMaps();
      for (const batch of partitions.flat()) maps.add(batch);
      return Promise.resolve(maps);
    },
    totals: (result) => Promise.resolve((result as MinuteMaps).totals()),
  };
}
