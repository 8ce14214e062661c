import type { DimensionValue, ProgressRow, SegmentPartials, ViewStore } from "@millrace/core";
import { segmentName } from "@millrace/core";
import { below } from "../model/seeded-random.js";
import type { Random } from "../model/seeded-random.js";

/** How many replicas a store has, a write waits for and a read asks. */
export interface Replication {
  readonly replicas: number;
  readonly written: number;
  readonly read: number;
}

/**
 * One store made of several, as a cluster is: a write reaches some of them, one after the other, and a reader asks some
 * and takes the newest of each row. A writer that dies between two leaves a write that some readers see. Nothing repairs it.
 */
export function replicatedStore(replicas: readonly ViewStore[], { written, read }: Replication, random: Random): ViewStore {
  const some = (count: number): readonly ViewStore[] => {
    const left = [...replicas];
    return Array.from({ length: count }, () => left.splice(below(random, left.length), 1)[0]!);
  };
  const toSome = async (write: (replica: ViewStore) => Promise<void>): Promise<void> => {
    for (const replica of some(written)) await write(replica);
  };
  return {
    name: "replicated",
    overlapping: written + read > replicas.length,
    prepare: async (views, signal) => {
      for (const replica of replicas) await replica.prepare(views, signal);
    },
    write: (view, partials, expiresAt, signal) => toSome((replica) => replica.write(view, partials, expiresAt, signal)),
    writeProgress: (rows, signal) => toSome((replica) => replica.writeProgress(rows, signal)),
    writeHeartbeat: (heartbeat, signal) => toSome((replica) => replica.writeHeartbeat(heartbeat, signal)),
    async readProgress(fingerprint, topic, signal) {
      const newest = new Map<string, ProgressRow>();
      for (const replica of some(read)) {
        for (const row of await replica.readProgress(fingerprint, topic, signal)) {
          const key = `${row.segment.logVersion}/${row.segment.partition}/${segmentName(row.segment)}`;
          const seen = newest.get(key);
          if (!seen || row.version > seen.version) newest.set(key, row);
        }
      }
      return [...newest.values()];
    },
    async *read(request, signal) {
      const newest = new Map<string, { readonly batch: SegmentPartials; readonly row: number }>();
      for (const replica of some(read)) {
        for await (const batch of replica.read(request, signal)) {
          for (let row = 0; row < batch.length; row++) {
            const { segment } = batch;
            const key = JSON.stringify([segment.logVersion, segment.partition, segmentName(segment), batch.windows[row], ...batch.dimensions.map((values) => String(values[row]))]);
            const seen = newest.get(key);
            if (!seen || batch.versions[row]! > seen.batch.versions[seen.row]!) newest.set(key, { batch, row });
          }
        }
      }
      for (const { batch, row } of newest.values()) {
        yield {
          segment: batch.segment,
          length: 1,
          windows: batch.windows.slice(row, row + 1),
          dimensions: batch.dimensions.map((values): readonly DimensionValue[] => [values[row]!]),
          cells: batch.cells.map((values) => [values[row]!]),
          versions: batch.versions.slice(row, row + 1),
        };
      }
    },
    async readHeartbeats(topic, signal) {
      const found = [];
      for (const replica of some(read)) found.push(...(await replica.readHeartbeats(topic, signal)));
      return found;
    },
    async sweep(now, signal) {
      for (const replica of replicas) await replica.sweep(now, signal);
    },
    async close() {
      for (const replica of replicas) await replica.close();
    },
  };
}
