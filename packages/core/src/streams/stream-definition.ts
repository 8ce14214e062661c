import type { ColumnDefinition } from "./column-definition.js";

/** A typed reading of one topic, resolved: what every layer works from. `defineStream` makes it. */
export interface StreamDefinition {
  readonly topic: string;
  /** In declared order: the order of the master files' columns. */
  readonly columns: Readonly<Record<string, ColumnDefinition>>;
  /** Name of the timestamp column that is the event time. */
  readonly eventTime: string;
  /** An event is late when `eventTime < appendedAt - latenessMs`. Default 60,000. Late events count all the same. */
  readonly latenessMs: number;
  /** Event time below `appendedAt - maxPastMs` is a dead letter. Default null: no bound. */
  readonly maxPastMs: number | null;
  /** Event time above `appendedAt + maxFutureMs` is a dead letter. Default one day. */
  readonly maxFutureMs: number;
  /** A text longer than this many UTF-8 bytes makes a dead letter: any column may be a dimension of some view, also of one to come. Default 8,192. */
  readonly maxTextBytes: number;
  /** A record's value larger than this is a dead letter. Default 4 MiB. */
  readonly maxRecordBytes: number;
  /** Default: JSON. Returns the record as a plain object; throwing makes a dead letter. */
  readonly decode?: (value: Uint8Array) => unknown;
  /** What must be awaited before `decode` can judge these values; see `RecordDecoder`. Default: nothing. */
  readonly prepare?: (values: Iterable<Uint8Array>, signal: AbortSignal) => Promise<void>;
  /** Part of the fingerprint: raise it when `decode` changes. Default 1. */
  readonly decoderVersion: number;
}
