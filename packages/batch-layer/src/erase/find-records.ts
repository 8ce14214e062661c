import {
  collectRows,
  compilePredicate,
  createEventDecoder,
  cutOf,
  decodeBatch,
  type Cut,
  type ErasedRecords,
  type EventLog,
  type FileSystem,
  type SqlEngine,
  type StreamPlan,
} from "@millrace/core";
import { deadLetterKey, deadLetterValue, type DeadLetterLine } from "../ingest/dead-letter-line.js";
import { masterScan } from "../master-dataset/master-scan.js";
import type { TopicDataset } from "../master-dataset/topic-dataset.js";
import { conditionOn, type EraseWhere } from "./erase-where.js";
import { matchDeadLetter } from "./match-dead-letter.js";

export interface FindRecords {
  readonly log: EventLog;
  readonly files: FileSystem;
  readonly engine: SqlEngine;
  readonly plan: StreamPlan;
  /** With nothing unread below the cut. */
  readonly dataset: TopicDataset;
  readonly cut: Cut;
  readonly where: EraseWhere;
  /** Whether dead letters count as found that cannot be told to match or not. */
  readonly unreadable: boolean;
}

/** The records of a topic that a condition matches. */
export interface FoundRecords {
  readonly topic: string;
  readonly columns: readonly string[];
  /** Below the cut, by partition. */
  readonly records: readonly ErasedRecords[];
  readonly events: number;
  readonly deadLetters: number;
  /** Dead letters below the cut that cannot be told to match or not, and are not among the records. */
  readonly unreadable: number;
  /** Matching records at or above the cut: they cannot be erased before they are sealed. */
  readonly unsealed: number;
}

/** Looks for the records of a topic that match, below the cut in the master dataset and above it in the log. */
export async function findRecords(task: FindRecords, signal: AbortSignal): Promise<FoundRecords> {
  const { files, engine, plan, dataset, cut, where, unreadable: takeUnreadable } = task;
  const { topic } = plan.stream;
  const condition = conditionOn(plan.stream, where);
  const offsets = new Map<string, { readonly logVersion: number; readonly partition: number; readonly offsets: number[] }>();
  const add = (logVersion: number, partition: number, offset: number) => {
    const key = `v${logVersion}-p${partition}`;
    const of = offsets.get(key);
    if (of) of.offsets.push(offset);
    else offsets.set(key, { logVersion, partition, offsets: [offset] });
  };

  let events = 0;
  const predicate = engine.dialect.predicate(condition.predicate, plan.stream.columns);
  for (const parts of dataset.filesByDate(cut).values()) {
    const scan = masterScan(files, engine.dialect, plan, parts, cut);
    for (const [logVersion, partition, offset] of await collectRows(engine, `SELECT _log_version, _partition, _offset FROM ${scan} AS e WHERE ${predicate}`, signal)) {
      add(Number(logVersion), Number(partition), Number(offset));
      events++;
    }
  }
  let deadLetters = 0;
  let unreadable = 0;
  for (const { deadLetterFile, logVersion, partition } of dataset.below(cut)) {
    if (deadLetterFile === null) continue;
    for (const text of new TextDecoder().decode(await files.read(deadLetterFile.path, signal)).split("\n")) {
      if (text === "") continue;
      const line = JSON.parse(text) as DeadLetterLine;
      const matches = matchDeadLetter(plan.stream, condition, { key: deadLetterKey(line), value: deadLetterValue(line) });
      if (matches === true || (matches === undefined && takeUnreadable)) {
        add(logVersion, partition, line.offset);
        deadLetters++;
      } else if (matches === undefined) unreadable++;
    }
  }
  const records = [...offsets.values()].map((of) => ({ ...of, offsets: of.offsets.sort((a, b) => a - b) })).sort((a, b) => a.logVersion - b.logVersion || a.partition - b.partition);
  return { topic, columns: condition.columns, records, events, deadLetters, unreadable, unsealed: await countUnsealed(task, condition, signal) };
}

async function countUnsealed({ log, plan, cut }: FindRecords, condition: ReturnType<typeof conditionOn>, signal: AbortSignal): Promise<number> {
  const { topic } = plan.stream;
  const { partitions } = await log.describe(topic, signal);
  let unsealed = 0;
  for (const { partition, logVersion, start, end } of partitions) {
    const position = cutOf(cut, topic, partition);
    const from = Math.max(start, position?.logVersion === logVersion ? position.offset : start);
    if (from >= end) continue;
    const decoder = createEventDecoder(plan);
    const passes = compilePredicate(condition.predicate);
    for await (const raw of log.read({ topic, partition, from }, signal)) {
      const batch = await decodeBatch(decoder, raw, signal);
      const mask = passes(batch);
      for (let i = 0; i < batch.length; i++) if (mask[i] === 1 && batch.offsets[i]! < end) unsealed++;
      for (const letter of batch.deadLetters) if (letter.offset < end && matchDeadLetter(plan.stream, condition, letter) === true) unsealed++;
      if (raw.position >= end) break;
    }
  }
  return unsealed;
}
