import { join } from "node:path";
import { startHdfs, startKafka } from "@millrace/servers";
import { checkTotals } from "./decode-fold/totals.js";
import type { HdfsAddress } from "./hdfs/ingest-topic.js";
import { goal, goalLine, type Goal } from "./measure/goal.js";
import { inTemporaryDirectory } from "./measure/in-temporary-directory.js";
import { throughputLine, throughputOf, type Throughput } from "./measure/throughput.js";
import type { BenchOptions } from "./task/bench-options.js";
import { inOwnProcess } from "./task/in-own-process.js";

type Written = Throughput & { readonly bytes: number };

export interface HdfsFigures {
  readonly hdfs: Written & { readonly segments: number };
  readonly localDisk: Written;
  readonly jsonParse: Throughput;
  readonly goals: readonly Goal[];
}

interface HdfsServers {
  readonly brokers: readonly string[];
  readonly hdfs: HdfsAddress;
}

/** Both start before `use`, with nothing in them, and are gone after it. */
type WithServers = <T>(use: (servers: HdfsServers) => Promise<T>) => Promise<T>;

const withFreshServers: WithServers = async (use) => {
  const [kafka, hdfs] = await Promise.all([startKafka(), startHdfs()]);
  try {
    return await use({ brokers: kafka.bootstrap.split(","), hdfs: { webAddress: hdfs.webAddress, user: hdfs.user } });
  } finally {
    await Promise.all([kafka.stop(), hdfs.stop()]);
  }
};

/**
 * Ingest of a whole topic of Kafka into the master dataset on HDFS; the same to the local disk, and kafkajs with
 * `JSON.parse` and maps, which keeps nothing. CPU is the process's own; the servers take theirs beside.
 *
 * @throws {Error} when the master dataset's files do not add up to what the baseline counted.
 */
export async function benchHdfs({ events, log, run = inOwnProcess, rounds = 3 }: BenchOptions, withServers: WithServers = withFreshServers): Promise<HdfsFigures> {
  return withServers((servers) =>
    inTemporaryDirectory(async (directory) => {
      log(`hdfs: ${events} listen events from Kafka to files in HDFS, medians of ${rounds} rounds after a cold one`);
      const { brokers } = servers;
      const all = rounds + 1;
      const ingest = { brokers, rounds: all, keepRaw: true };
      const [inHdfs, onDisk] = [join(directory, "hdfs"), join(directory, "disk")];
      await run("fill-topic", { brokers, events });
      const ours = await run("ingest-topic", { ...ingest, hdfs: servers.hdfs, directory: inHdfs });
      const local = await run("ingest-topic", { ...ingest, directory: onDisk });
      const folded = await run("read-kafkajs", { brokers, events, rounds: all, what: "fold" });
      checkTotals("the master dataset in HDFS", await run("master-totals", { directory: inHdfs }), folded.totals);
      checkTotals("the master dataset on the local disk", await run("master-totals", { directory: onDisk }), folded.totals);

      const hdfs = { ...throughputOf(ours.rounds, events, ours), bytes: ours.bytes, segments: ours.segments };
      const localDisk = { ...throughputOf(local.rounds, events, local), bytes: local.bytes };
      const jsonParse = throughputOf(folded.rounds, events, folded);
      const goals = [goal("events/s", hdfs.eventsPerSecond, { least: 150_000 }), goal("peak, MB", hdfs.ownPeakMb, { most: 400 })];
      log(`${throughputLine("millrace, to HDFS", hdfs)}, ${(hdfs.bytes / events).toFixed(0)} bytes an event`);
      log(`${throughputLine("millrace, to the local disk", localDisk)}, ${(localDisk.bytes / events).toFixed(0)} bytes an event`);
      log(throughputLine("kafkajs, JSON.parse and maps", jsonParse));
      for (const each of goals) log(goalLine(each));
      log(`  totals of all views agree over ${hdfs.segments} segments`);
      return { hdfs, localDisk, jsonParse, goals };
    }),
  );
}
