import { deadLetterKey, deadLetterValue, type DeadLetterLine } from "@millrace/batch-layer";
import { createEventDecoder, decodeBatch, ManifestCatalog, type AnyView, type DeadLetter, type DeadLetterReason, type Platform, type StreamPlan } from "@millrace/core";
import type { Lambda } from "../lambda/lambda.js";
import type { StoredDeadLetter } from "./stored-dead-letter.js";

/**
 * Every dead letter of a lambda's topics: those of sealed segments from the master dataset, then those of the part of
 * the log behind, decoded again. By topic, partition and offset.
 */
export async function* findDeadLetters(lambda: Pick<Lambda<AnyView>, "definitions" | "platform">, topic: string | undefined, signal: AbortSignal): AsyncGenerator<StoredDeadLetter> {
  for (const plan of lambda.definitions.plans) {
    if (topic !== undefined && topic !== plan.stream.topic) continue;
    yield* ofTopic(lambda.platform, plan, signal);
  }
}

async function* ofTopic(platform: Platform, plan: StreamPlan, signal: AbortSignal): AsyncGenerator<StoredDeadLetter> {
  const { topic } = plan.stream;
  const catalog = new ManifestCatalog(platform.files, topic);
  await catalog.refresh(signal);
  const { partitions } = await platform.log.describe(topic, signal);
  for (const { partition, logVersion, start, end } of [...partitions].sort((a, b) => a.partition - b.partition)) {
    const manifests = catalog.manifests(partition, logVersion);
    for (const { deadLetterFile } of manifests) {
      if (deadLetterFile === null) continue;
      const text = new TextDecoder().decode(await platform.files.read(deadLetterFile.path, signal));
      for (const line of text.split("\n")) if (line !== "") yield fromLine(topic, logVersion, JSON.parse(line) as DeadLetterLine);
    }
    const from = Math.max(start, manifests.at(-1)?.until ?? start);
    if (from >= end) continue;
    const decoder = createEventDecoder(plan);
    for await (const raw of platform.log.read({ topic, partition, from }, signal)) {
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
