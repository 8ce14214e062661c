import type { LogPartition } from "../log/position.js";

/** Why a record could not become an event. */
export type DeadLetterReason =
  | "undecodable"
  | "missing"
  | "wrong-type"
  | "out-of-range"
  | "event-time-out-of-bounds"
  | "too-long"
  | "too-large"
  | "null-value";

/** A record that could not be decoded: kept raw with its coordinates, never dropped. */
export interface DeadLetter extends LogPartition {
  readonly offset: number;
  readonly appendedAt: number;
  readonly reason: DeadLetterReason;
  /** The column at fault, where there is one. */
  readonly column?: string;
  /** One sentence for a person: what was found and what was expected. */
  readonly detail: string;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
}
