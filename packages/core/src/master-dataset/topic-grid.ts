import type { Grid } from "../log/grid.js";
import type { TopicDescription } from "../ports/event-log.js";
import { UnsuitableTopicError } from "./unsuitable-topic-error.js";

/**
 * The grid that applies to a topic: without a broker clock (`CreateTime`) only offsets cut it. Every process that opens
 * a topic asks here first.
 *
 * `keepMs`: how long a record must stay in the log beside its segment's time, ms: the batch period and the longest outage.
 *
 * @throws {UnsuitableTopicError} when the topic is compacted, or keeps records for a shorter time than they are needed.
 */
export function topicGrid(description: TopicDescription, grid: Grid, keepMs = 0): Grid {
  const { topic, compacted, retentionMs, timestamps } = description;
  if (compacted) throw new UnsuitableTopicError(topic, "it is compacted, and the master dataset needs every record", "set cleanup.policy=delete");
  const needed = (grid.segmentMs ?? 0) + keepMs;
  if (retentionMs !== null && retentionMs <= needed) {
    throw new UnsuitableTopicError(topic, `it keeps records for ${retentionMs} ms, and they are needed for more than ${needed} ms`, "raise the topic's retention");
  }
  return { segmentOffsets: grid.segmentOffsets, segmentMs: timestamps === "create" ? null : grid.segmentMs };
}
