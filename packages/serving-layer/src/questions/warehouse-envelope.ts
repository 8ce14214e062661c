import { cutOf, type Clock, type Cut, type EventLog, type Generation, type ModelDefinition, type StreamDefinition } from "@millrace/core";
import type { ManifestWatermarks } from "../chain/manifest-watermarks.js";
import type { AsOf, Envelope } from "../query/answer.js";

/** The streams that models are made from in the end. */
export function streamsOf(models: Iterable<ModelDefinition>): readonly StreamDefinition[] {
  const streams = new Map<string, StreamDefinition>();
  const follow = (model: ModelDefinition): void => {
    for (const input of Object.values(model.from)) {
      if (input.from === "stream") streams.set(input.stream.topic, input.stream);
      else follow(input.model);
    }
  };
  for (const model of models) follow(model);
  return [...streams.values()];
}

/**
 * What an answer from tables is made of: everything below the cut of their generation, and nothing above. What the log
 * holds besides is told as `behind`, and the answer is provisional as long as something may come that belongs into its range.
 */
export async function warehouseEnvelope(
  { log, clock, watermarks }: { readonly log: EventLog; readonly clock: Clock; readonly watermarks: ManifestWatermarks },
  streams: readonly StreamDefinition[],
  generation: Generation,
  until: number,
  signal: AbortSignal,
): Promise<Envelope> {
  const cut: Record<string, Cut[string]> = {};
  const asOf: AsOf[] = [];
  let behind = 0;
  let watermark: number | null = Number.POSITIVE_INFINITY;
  let lateness = 0;
  for (const { topic, latenessMs } of streams) {
    lateness = Math.max(lateness, latenessMs);
    if (generation.cut[topic] !== undefined) cut[topic] = generation.cut[topic];
    for (const { partition, logVersion, start, end } of (await log.describe(topic, signal)).partitions) {
      const position = cutOf(generation.cut, topic, partition);
      const here = position !== undefined && position.logVersion === logVersion;
      const offset = here ? position.offset : start;
      asOf.push({ topic, partition, logVersion, offset });
      behind += Math.max(0, end - offset);
      // A partition that never held a record says nothing about time.
      if (!here && end === start) continue;
      const below: number | null = here ? await watermarks.below({ topic, logVersion, partition }, offset, signal) : null;
      watermark = watermark === null || below === null ? null : Math.min(watermark, below);
    }
  }
  if (watermark === Number.POSITIVE_INFINITY) watermark = null;
  return {
    generation: generation.number,
    cut,
    asOf,
    watermark,
    provisional: watermark === null || until > watermark - lateness,
    complete: true,
    late: 0,
    behind,
    staleMs: behind === 0 ? 0 : Math.max(0, clock.now() - generation.publishedAt),
  };
}
