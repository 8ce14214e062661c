import { createEventDecoder, decodeBatch, rawBatchOf, type AnyView, type EventDecoder, type EventLog, type FileSystem } from "@millrace/core";
import type { Lambda } from "../lambda/lambda.js";
import { findDeadLetters } from "./find-dead-letters.js";
import { coordinatesOf, type StoredDeadLetter } from "./stored-dead-letter.js";

/** The header of a replayed record: the coordinates of the dead letter it was. */
export const REPLAY_HEADER = "millrace-replay-of";

const REPLAYS_FOLDER = "replays";
const REPLAY_RECORDS = 1_000;

export interface ReplayResult {
  readonly appended: number;
  readonly alreadyReplayed: number;
  /** Left alone: they would only become dead letters again. */
  readonly stillUndecodable: number;
}

/** What a replay is about to append, written before it does: a replay that dies is finished by the next one. */
interface ReplayRecord {
  readonly topic: string;
  readonly letters: readonly string[];
  /** End of each partition before: the replayed records lie at or above. */
  readonly ends: readonly { readonly partition: number; readonly end: number }[];
  /** All of `letters` are in the log. */
  readonly finished: boolean;
}

/**
 * Appends the values of dead letters that decode now as new records, each once: which ones is recorded before they are
 * appended, and a record that was appended by a replay that died is found again by its header.
 */
export async function replayDeadLetters(lambda: Lambda<AnyView>, options: { readonly topic?: string; readonly dryRun?: true }, signal: AbortSignal): Promise<ReplayResult> {
  const { log, files, clock } = lambda.platform;
  const replayed = await finishedReplays(log, files, signal);
  const waiting = new Map<string, StoredDeadLetter[]>();
  const decoders = new Map<string, EventDecoder>(lambda.definitions.plans.map((plan) => [plan.stream.topic, createEventDecoder(plan)]));
  let alreadyReplayed = 0;
  let stillUndecodable = 0;
  for await (const letter of findDeadLetters(lambda, options.topic, signal)) {
    if (replayed.has(coordinatesOf(letter))) alreadyReplayed++;
    else if (!(await decodes(decoders.get(letter.topic)!, letter, clock.now(), signal))) stillUndecodable++;
    else {
      const letters = waiting.get(letter.topic);
      if (letters) letters.push(letter);
      else waiting.set(letter.topic, [letter]);
    }
  }
  let appended = 0;
  for (const [topic, letters] of waiting) {
    for (let i = 0; i < letters.length; i += REPLAY_RECORDS) {
      const some = letters.slice(i, i + REPLAY_RECORDS);
      if (options.dryRun !== true) await replay(log, files, topic, some, signal);
      appended += some.length;
    }
  }
  return { appended, alreadyReplayed, stillUndecodable };
}

async function decodes(decoder: EventDecoder, { topic, logVersion, partition, offset, key, value }: StoredDeadLetter, now: number, signal: AbortSignal): Promise<boolean> {
  return (await decodeBatch(decoder, rawBatchOf({ topic, logVersion, partition }, [{ offset, appendedAt: now, key, value }]), signal)).length === 1;
}

async function replay(log: EventLog, files: FileSystem, topic: string, letters: readonly StoredDeadLetter[], signal: AbortSignal): Promise<void> {
  const { partitions } = await log.describe(topic, signal);
  const record: ReplayRecord = { topic, letters: letters.map(coordinatesOf), ends: partitions.map(({ partition, end }) => ({ partition, end })), finished: false };
  // Its first letter names it: no other replay can hold that one.
  const path = `${REPLAYS_FOLDER}/${encodeURIComponent(record.letters[0]!)}.json`;
  if (!(await files.putIfAbsent(path, encode(record), signal))) return;
  await log.append(
    topic,
    letters.map((letter) => ({ key: letter.key, value: letter.value!, headers: { [REPLAY_HEADER]: new TextEncoder().encode(coordinatesOf(letter)) } })),
    signal,
  );
  await files.replace(path, encode({ ...record, finished: true }), signal);
}

/** The coordinates that earlier replays appended. A replay that died is looked for in the log, and its record corrected. */
async function finishedReplays(log: EventLog, files: FileSystem, signal: AbortSignal): Promise<ReadonlySet<string>> {
  const done = new Set<string>();
  for (const { path } of await files.list(REPLAYS_FOLDER, signal)) {
    const record = JSON.parse(new TextDecoder().decode(await files.read(path, signal))) as ReplayRecord;
    let { letters } = record;
    if (!record.finished) {
      letters = [...(await findReplayed(log, record, signal))];
      if (letters.length === 0) await files.remove(path, signal);
      else await files.replace(path, encode({ ...record, letters, finished: true }), signal);
    }
    for (const coordinates of letters) done.add(coordinates);
  }
  return done;
}

const encode = (record: ReplayRecord): Uint8Array => new TextEncoder().encode(`${JSON.stringify(record)}\n`);

async function findReplayed(log: EventLog, { topic, letters, ends }: ReplayRecord, signal: AbortSignal): Promise<ReadonlySet<string>> {
  const wanted = new Set(letters);
  const found = new Set<string>();
  const text = new TextDecoder();
  const { partitions } = await log.describe(topic, signal);
  for (const { partition, start, end } of partitions) {
    const from = Math.max(start, ends.find((before) => before.partition === partition)?.end ?? start);
    if (from >= end || found.size === wanted.size) continue;
    for await (const batch of log.read({ topic, partition, from }, signal)) {
      for (const headers of batch.headers ?? []) {
        const coordinates = headers?.[REPLAY_HEADER] && text.decode(headers[REPLAY_HEADER]);
        if (coordinates !== undefined && wanted.has(coordinates)) found.add(coordinates);
      }
      if (batch.position >= end || found.size === wanted.size) break;
    }
  }
  return found;
}
