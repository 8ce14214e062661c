import { rm } from "node:fs/promises";
import { lmdbLog } from "@millrace/core/lmdb";
import { createIngest } from "@millrace/batch-layer";
import { localFileSystem } from "@millrace/batch-layer/local";
import { fiveViewsPlan } from "../decode-fold/five-views.js";
import { clockAfter } from "../listen-events/clock-after.js";
import { MINUTES } from "../listen-events/listen-events.js";
import { measureRun, type Taken } from "../measure/measure-run.js";
import { watchMemory } from "../measure/watch-memory.js";

export interface IngestLogParams {
  readonly logPath: string;
  /** Of the files. */
  readonly directory: string;
  readonly rounds: number;
  readonly keepRaw: boolean;
}

/** Ingests the whole log into local files, open segments included: the clock says that they have become quiet. */
export async function ingestLog({ logPath, directory, rounds, keepRaw }: IngestLogParams) {
  const { signal } = new AbortController();
  const log = lmdbLog({ path: logPath });
  const memory = watchMemory();
  const measured: Taken[] = [];
  let bytes = 0;
  let segments = 0;
  for (let round = 0; round < rounds; round++) {
    await rm(directory, { recursive: true, force: true });
    globalThis.gc?.();
    bytes = segments = 0;
    const files = localFileSystem({ root: directory });
    const ingest = createIngest({
      log,
      files,
      keepRaw,
      clock: clockAfter(MINUTES, 86_400_000),
      plans: [fiveViewsPlan],
      telemetry: (event) => {
        if (event.type !== "ManifestCommitted") return;
        bytes += event.bytes;
        segments++;
      },
    });
    const { wallMs, cpuMs } = await measureRun(() => ingest.drain(signal));
    measured.push({ wallMs, cpuMs });
    await files.close();
  }
  const peaks = memory();
  await log.close();
  return { rounds: measured, ...peaks, bytes, segments };
}
