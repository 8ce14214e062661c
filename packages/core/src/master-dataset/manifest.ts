/**
 * The JSON that commits a segment's files to the master dataset: `<topic>/_manifests/v<V>-p<P>/<first, 16 digits>.json`.
 * A function of the log, of the segment's fixed end and of the stream's declaration, so a redo after a crash writes the
 * same bytes.
 *
 * A segment may be read again, by another declaration of its stream or without erased records: such a *reading* has a
 * manifest of its own below `_readings`, with the same offsets and other files.
 */
export interface Manifest {
  readonly format: 1;
  readonly topic: string;
  readonly logVersion: number;
  readonly partition: number;
  /** Offset of the first record. */
  readonly first: number;
  /** Offset after the last record. */
  readonly until: number;
  /** Offset after the last record before `first`. */
  readonly previous: number;
  /** `grid`: a record of the next segment sealed it. `quiet`: ingest closed it after its time had passed. */
  readonly sealedBy: "grid" | "quiet";
  /** Broker time of the first record, epoch ms, and the largest in the segment. */
  readonly receivedAt: number;
  readonly maxAppendedAt: number;
  readonly records: number;
  readonly events: number;
  readonly deadLetters: number;
  readonly late: number;
  /** One file an event date (UTC), in date order. */
  readonly files: readonly ManifestFile[];
  /** The segment's dead letters as NDJSON, when there are any. */
  readonly deadLetterFile: ManifestChecksum | null;
  /** Sketch coordinates that the files hold, by name. A view that needs others is folded in TypeScript from this segment. */
  readonly coordinates: readonly string[];
  /** Fingerprint of the stream's columns and decoder when the files were written. */
  readonly streamFingerprint: string;
  /** Offsets of records that erasures took out of the files, growing; absent: none. `records` counts them. */
  readonly erased?: readonly number[];
  /** False: the files do not keep the records' original bytes. */
  readonly raw?: boolean;
}

/** A file as it was committed. */
export interface ManifestChecksum {
  readonly path: string;
  readonly bytes: number;
  /** SHA-256, hex. */
  readonly sha256: string;
}

/** The file of one event date of a segment. Event times are epoch ms, both inclusive. */
export interface ManifestFile extends ManifestChecksum {
  /** `YYYY-MM-DD`, UTC. */
  readonly date: string;
  readonly rows: number;
  readonly minEventTime: number;
  readonly maxEventTime: number;
}
