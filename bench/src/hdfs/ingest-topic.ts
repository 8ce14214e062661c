import { createIngest } from "@millrace/batch-layer";
import { hdfsFileSystem } from "@millrace/batch-layer/hdfs";
import { localFileSystem } from "@millrace/batch-layer/local";
import { systemClock } from "@millrace/core";
import { kafkaLog } from "@millrace/core/kafka";
import type { FileSystem } from "@millrace/core";
import { rm } from "node:fs/promises";
import { fiveViewsPlan } from "../decode-fold/five-views.js";
import { measureRun, type Taken } from "../measure/measure-run.js";
import { watchMemory } from "../measure/watch-memory.js";

/** An HDFS, as plain JSON. */
export interface HdfsAddress {
  /** `host:port` of WebHDFS. */
  readonly webAddress: string;
  readonly user: string;
}

export interface IngestTopicParams {
  readonly brokers: readonly string[];
  /** Where the master dataset goes; without it, to the local disk. */
  readonly hdfs?: HdfsAddress;
  /** On the local disk: the master dataset of the last round, copied there from HDFS after it was measured. */
  readonly directory: string;
  readonly rounds: number;
  readonly keepRaw: boolean;
}

const DAY_MS = 86_400_000;

/** Ingests a whole topic of Kafka, open segments included: the clock says that they have become quiet. */
export async function ingestTopic({ brokers, hdfs, directory, rounds, keepRaw }: IngestTopicParams) {
  const { signal } = new AbortController();
  const log = kafkaLog({ brokers });
  const clock = { ...systemClock(), now: () => Date.now() + DAY_MS };
  const memory = watchMemory();
  const measured: Taken[] = [];
  let bytes = 0;
  let segments = 0;
  let files: FileSystem = localFileSystem({ root: directory });
  for (let round = 0; round < rounds; round++) {
    await files.close();
    await rm(directory, { recursive: true, force: true });
    globalThis.gc?.();
    bytes = segments = 0;
    files = hdfs === undefined ? localFileSystem({ root: directory }) : hdfsFileSystem({ nameNodes: [hdfs.webAddress], user: hdfs.user, root: `/ingest-${round}` });
    const ingest = createIngest({
      log,
      files,
      keepRaw,
      clock,
      plans: [fiveViewsPlan],
      telemetry: (event) => {
        if (event.type !== "ManifestCommitted") return;
        bytes += event.bytes;
        segments++;
      },
    });
    const { wallMs, cpuMs } = await measureRun(() => ingest.drain(signal));
    measured.push({ wallMs, cpuMs });
  }
  const peaks = memory();
  if (hdfs !== undefined) await copyFiles(files, directory);
  await Promise.all([log.close(), files.close()]);
  return { rounds: measured, ...peaks, bytes, segments };
}

async function copyFiles(from: FileSystem, directory: string): Promise<void> {
  const { signal } = new AbortController();
  const to = localFileSystem({ root: directory });
  for (const { path } of await from.list("master", signal)) await to.putIfAbsent(path, await from.read(path, signal), signal);
  await to.close();
}
