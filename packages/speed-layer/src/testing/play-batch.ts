import { FIRST_LOG_VERSION, createEventDecoder, planStreams, rawBatchOf } from "@millrace/core";
import type { ColumnBatch, EventDecoder, Row } from "@millrace/core";
import { markSource } from "../consume/batch-source.js";
import type { Reading } from "../consume/reading.js";
import { playOf, plays, views } from "./plays.js";

export type Play = Row<(typeof plays)["columns"]>;

export interface PlayRecord {
  readonly offset: number;
  /** Event time, epoch ms; null: the record cannot be decoded. */
  readonly at: number | null;
  readonly song?: string | null;
  readonly user?: number;
  readonly seconds?: number;
  /** Default: its event time. */
  readonly appendedAt?: number;
}

/** A reading of these partitions whose clock stands still, and which always has credits. */
export function mergedReading(...partitions: number[]): Reading {
  return { isMerged: true, partitions, clock: { now: () => 0, sleep: () => new Promise(() => undefined) }, polledSince: () => -Infinity };
}

export interface PlayBatchOptions {
  readonly partition?: number;
  /** Position before the batch. Default: the first offset. */
  readonly follows?: number;
  /** The partition's end, as the batch tells it. Default: there is more. */
  readonly end?: number;
  readonly reading?: Reading;
}

const decoders = new Map<number, EventDecoder<Play>>();

/** Of a partition: made once, because it is large. */
function decoderOf(partition: number): EventDecoder<Play> {
  let decoder = decoders.get(partition);
  if (decoder === undefined) decoders.set(partition, (decoder = createEventDecoder<Play>(planStreams(views, [plays.definition])[0]!)));
  return decoder;
}

/** A batch of "plays" as `consume` gives it. */
export function playBatch(records: readonly PlayRecord[], { partition = 0, follows = records[0]?.offset ?? 0, end, reading }: PlayBatchOptions = {}): ColumnBatch<Play> {
  const position = (records.at(-1)?.offset ?? follows - 1) + 1;
  const raw = {
    ...rawBatchOf(
      { topic: "plays", logVersion: FIRST_LOG_VERSION, partition },
      records.map(({ offset, at, song = "a", user = 1, seconds = 1, appendedAt }) => ({ offset, appendedAt: appendedAt ?? at ?? 0, value: new TextEncoder().encode(at === null ? "{" : playOf({ at, user, song, seconds })) })),
      { position },
    ),
    end: end ?? position + 1,
  };
  const batch = decoderOf(partition).decode(raw);
  return markSource(batch, { raw, follows, whole: true, ...(reading === undefined ? {} : { reading }) });
}
