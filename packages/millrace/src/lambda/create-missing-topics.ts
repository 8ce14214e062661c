import type { Platform } from "@millrace/core";

/** Creates the topics that do not exist yet, where the platform says with how many partitions. */
export async function createMissingTopics(platform: Platform, topics: readonly string[], signal: AbortSignal): Promise<void> {
  if (platform.newTopicPartitions === undefined) return;
  const known = new Set(await platform.log.topics(signal));
  for (const topic of topics) if (!known.has(topic)) await platform.log.createTopic(topic, { partitions: platform.newTopicPartitions }, signal);
}
