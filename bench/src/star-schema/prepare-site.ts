import { createIngest } from "@millrace/batch-layer";
import { localFileSystem } from "@millrace/batch-layer/local";
import { lmdbLog, type StampedRecord } from "@millrace/core/lmdb";
import { loadConfig, simulateUntil, TOPICS, usersForRate, type Topic } from "../../../examples/music-events/src/simulator/index.js";
import { AFTER_MS, clockAfter, cutAfter, DAY_MS, filesOf, GRID, logOf, PARTITIONS, plans, START_MS } from "./site.js";

export interface PrepareSiteParams {
  readonly directory: string;
  readonly days: number;
  /** Path of the simulator's configuration. */
  readonly config: string;
  /** About as many. */
  readonly events: number;
}

/** Records of one append. */
const APPENDED = 10_000;

/** A month of the music site in a log and, ingested, in the master dataset. */
export async function prepareSite({ directory, days, config: path, events }: PrepareSiteParams) {
  const { signal } = new AbortController();
  const log = lmdbLog({ path: logOf(directory) });
  for (const topic of TOPICS) await log.createTopic(topic, { partitions: PARTITIONS }, signal);
  const config = loadConfig(path);
  const users = usersForRate((events * 1_000) / (days * DAY_MS), config);
  const waiting = new Map<Topic, StampedRecord[]>(TOPICS.map((topic) => [topic, []]));
  const append = async (topic: Topic) => {
    await log.append(topic, waiting.get(topic)!, signal);
    waiting.set(topic, []);
  };
  for (const { topic, sentMs, userId, value } of simulateUntil({ config, seed: 1, users, startMs: START_MS, growthRate: 1 }, cutAfter(days) + AFTER_MS)) {
    const records = waiting.get(topic)!;
    records.push({ partition: userId % PARTITIONS, appendedAt: sentMs, value });
    if (records.length === APPENDED) await append(topic);
  }
  for (const topic of TOPICS) if (waiting.get(topic)!.length > 0) await append(topic);

  const files = localFileSystem({ root: filesOf(directory) });
  let ingested = 0;
  await createIngest({ log, files, clock: clockAfter(days), plans, grid: GRID, keepRaw: false, telemetry: (event) => void (event.type === "ManifestCommitted" && (ingested += event.records)) }).drain(signal);
  await Promise.all([log.close(), files.close()]);
  return { records: ingested };
}
