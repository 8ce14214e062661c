import type { DeadLetterReason } from "@millrace/core";

/** A dead letter as it is found again: from a segment's file, or from the part of the log that no segment holds yet. */
export interface StoredDeadLetter {
  readonly topic: string;
  readonly logVersion: number;
  readonly partition: number;
  readonly offset: number;
  /** Epoch ms. */
  readonly appendedAt: number;
  readonly reason: DeadLetterReason;
  readonly column: string | null;
  readonly detail: string;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
}

/** `listen_events/v1024-p0/17`: the coordinates of a record, as one text. */
export const coordinatesOf = ({ topic, logVersion, partition, offset }: Pick<StoredDeadLetter, "topic" | "logVersion" | "partition" | "offset">): string =>
  `${topic}/v${logVersion}-p${partition}/${offset}`;
