import { deadLetterKey, deadLetterValue, streamFingerprint, TopicDataset, type DeadLetterLine } from "@millrace/batch-layer";
import { createEventDecoder, decodeBatch, erasedOffsets, rawBatchOf, type AnyView, type DeadLetter, type DeadLetterReason, type Platform, type StreamPlan } from "@millrace/core";
import type { Lambda } from "../lambda/lambda.js";
import type { StoredDeadLetter } from "./stored-dead-letter.js";

/**
 * Every dead letter of a lambda's topics, as its streams are declared now: those of sealed segments from the master
 * dataset, then those of the part of the log behind, decoded again. A record that the present declaration can read is
 * none, whatever the one was that ingested it. By topic, partition and offset.
 */
export async function* findDeadLetters(lambda: Pick<Lambda<AnyView>, "definitions" | "platform">, topic: string | undefined, signal: AbortSignal): AsyncGenerator<StoredDeadLetter> {
  for (const plan of lambda.definitions.plans) {
    if (topic !== undefined && topic !== plan.stream.topic) continue;
    yield* ofTopic(lambda.platform, plan, signal);
  }
}

async function* ofTopic({ files, log }: Platform, plan: StreamPlan, signal: AbortSignal): AsyncGenerator<StoredDeadLetter> {
  const { topic } = plan.stream;
  const dataset = new TopicDataset(files, plan);
  await dataset.refresh(signal);
  const { partitions } = await log.describe(topic, signal);
  for (const { partition, logVersion, start, end } of [...partitions].sort((a, b) => a.partition - b.partition)) {
    const decoder = createEventDecoder(plan);
    const manifests = dataset.manifests({ topic, partition, logVersion });
    const erased = new Set(erasedOffsets(dataset.erasures, { topic, partition, logVersion }, 0, Infinity));
    for (const manifest of manifests) {
      if (manifest.deadLetterFile === null) continue;
      const text = new TextDecoder().decode(await files.read(manifest.deadLetterFile.path, signal));
      const lines = text.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as DeadLetterLine])).filter(({ offset }) => !erased.has(offset));
      if (manifest.streamFingerprint === streamFingerprint(plan)) for (const line of lines) yield fromLine(topic, logVersion, line);
      else if (lines.length > 0) {
        const records = lines.map((line) => ({ offset: line.offset, appendedAt: line.appendedAt, key: deadLetterKey(line), value: deadLetterValue(line) }));
        for (const letter of (await decodeBatch(decoder, rawBatchOf(manifest, records), signal)).deadLetters) yield fromLetter(letter);
      }
    }
    const from = Math.max(start, manifests.at(-1)?.until ?? start);
    if (from >= end) continue;
    for await (const raw of log.read({ topic, partition, from }, signal)) {
      for (const letter of (await decodeBatch(decoder, raw, signal)).deadLetters) if (letter.offset < end) yield fromLetter(letter);
      if (raw.position >= end) break;
    }
  }
}

const fromLine = (topic: string, logVersion: number, line: DeadLetterLine): StoredDeadLetter => ({
  topic,
  logVersion,
  partition: line.partition,
  offset: line.offset,
  appendedAt: line.appendedAt,
  reason: line.reason as DeadLetterReason,
  column: line.column ?? null,
  detail: line.detail,
  key: deadLetterKey(line),
  value: deadLetterValue(line),
});

const fromLetter = ({ topic, logVersion, partition, offset, appendedAt, reason, column, detail, key, value }: DeadLetter): StoredDeadLetter => ({
  topic,
  logVersion,
  partition,
  offset,
  appendedAt,
  reason,
  column: column ?? null,
  detail,
  key,
  value,
});
