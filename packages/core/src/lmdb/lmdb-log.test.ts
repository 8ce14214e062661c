import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { describe, it } from "vitest";
import { simulatedClock } from "../clock/simulated-clock.js";
import { eventLogConformance } from "../testing/event-log-conformance.js";
import type { LogRecord } from "../log/raw-batch-of.js";
import { lmdbLog } from "./lmdb-log.js";

const never = new AbortController().signal;

describe("lmdbLog", () => {
  eventLogConformance(it, async () => {
    const folder = await fs.mkdtemp(path.join(os.tmpdir(), "millrace-log-"));
    const clock = simulatedClock(1_700_000_000_000);
    const open = (): ReturnType<typeof lmdbLog> => lmdbLog({ path: path.join(folder, "log"), clock });
    const log = open();
    const tools = open();
    return {
      log,
      async readBack(topic, partition) {
        const records: LogRecord[] = [];
        const { start } = (await tools.describe(topic, never)).partitions[partition]!;
        for await (const batch of tools.read({ topic, partition, from: start, maxRecords: 3 }, never)) {
          for (let i = 0; i < batch.length; i++) {
            const headers = batch.headers?.[i];
            records.push({
              offset: batch.offsets[i]!,
              appendedAt: batch.appendedAt[i]!,
              key: batch.keyStart && batch.keyStart[i]! >= 0 ? batch.data.slice(batch.keyStart[i], batch.keyEnd![i]) : null,
              value: batch.data.slice(batch.valueStart[i], batch.valueEnd[i]),
              ...(headers === undefined ? {} : { headers }),
            });
          }
          if (batch.position >= batch.end) break;
        }
        return records;
      },
      another: async () => open(),
      passTime: (ms) => clock.advance(ms),
      trim: (topic, partition, below) => tools.trim(topic, partition, below, never),
      recreate: (topic) => tools.recreateTopic(topic, { partitions: 1 }, never),
      async dispose() {
        await log.close();
        await tools.close();
        await fs.rm(folder, { recursive: true, force: true });
      },
    };
  });
});
