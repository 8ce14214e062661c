import { createHash, type Hash } from "node:crypto";
import {
  coordinateName,
  decodeBatch,
  deadLetterFilePath,
  segmentFilePath,
  type EventDecoder,
  type FileSystem,
  type FileWriter,
  type LogPartition,
  type Manifest,
  type ManifestChecksum,
  type ManifestFile,
  type RawBatch,
  type Retry,
  type ColumnBatch,
  type StreamPlan,
  withoutOffsets,
} from "@millrace/core";
import { readingKey } from "../master-dataset/reading-key.js";
import { utcDate, utcDay } from "../master-dataset/utc-date.js";
import { masterColumns, type MasterColumn } from "../parquet/master-columns.js";
import { MasterFileWriter } from "../parquet/master-file-writer.js";
import { deadLetterLine } from "./dead-letter-line.js";
import type { SegmentEnd } from "./segment-end.js";
import { streamFingerprint } from "./stream-fingerprint.js";

export interface SegmentStart extends LogPartition {
  /** Offset of the first record. */
  readonly first: number;
  readonly firstAppendedAt: number;
  /** Offset after the last record before `first`. */
  readonly previous: number;
  /** Offsets of records that were erased, growing; of this segment and perhaps of later ones. They are left out. */
  readonly erased: readonly number[];
}

/** What a writer needs of the process it works in. */
export interface SegmentWriting {
  readonly files: FileSystem;
  readonly plan: StreamPlan;
  readonly decoder: EventDecoder;
  readonly keepRaw: boolean;
  /** Repeats what the stream's decoder needs before it can decode. */
  readonly waiting: Retry;
}

interface DateFile {
  readonly date: string;
  readonly path: string;
  readonly writer: MasterFileWriter;
  rows: number;
  minEventTime: number;
  maxEventTime: number;
  /** Rows of the batch at hand. */
  selected: Int32Array;
  count: number;
}

/**
 * Decodes a segment's records and writes them by event date, invisibly until `commit`. Memory: one batch, and per event
 * date what a {@link MasterFileWriter} holds.
 */
export class SegmentWriter {
  readonly #writing: SegmentWriting;
  readonly #start: SegmentStart;
  readonly #columns: readonly MasterColumn[];
  readonly #reading: string;
  readonly #erased: ReadonlySet<number>;
  readonly #signal: AbortSignal;
  readonly #dates = new Map<number, DateFile>();
  #deadLetterFile: { readonly path: string; readonly file: FileWriter; readonly hash: Hash; bytes: number } | undefined;
  #records = 0;
  #events = 0;
  #deadLetters = 0;
  #late = 0;
  #maxAppendedAt = -Infinity;
  #until: number;

  constructor(writing: SegmentWriting, start: SegmentStart, signal: AbortSignal) {
    this.#writing = writing;
    this.#start = start;
    this.#signal = signal;
    this.#columns = masterColumns(writing.plan, writing.keepRaw);
    this.#reading = readingKey(writing.plan, writing.keepRaw, start.erased);
    this.#erased = new Set(start.erased);
    this.#until = start.first;
  }

  /** Adds the segment's next records. */
  async add(raw: RawBatch): Promise<void> {
    if (raw.length === 0) return;
    this.#records += raw.length;
    for (let i = 0; i < raw.length; i++) if (raw.appendedAt[i]! > this.#maxAppendedAt) this.#maxAppendedAt = raw.appendedAt[i]!;
    this.#until = raw.offsets[raw.length - 1]! + 1;
    const kept = this.#erased.size === 0 ? raw : withoutOffsets(raw, this.#erased);
    if (kept.length === 0) return;
    const batch = await decodeBatch(this.#writing.decoder, kept, this.#signal, this.#writing.waiting);
    await this.addEvents(batch);
    await this.addDeadLetters(batch.deadLetters.map(deadLetterLine));
  }

  /** Adds events of the segment that are decoded already, in offset order. */
  async addEvents(batch: ColumnBatch): Promise<void> {
    this.#events += batch.length;
    for (let i = 0; i < batch.length; i++) this.#late += batch.late[i]!;
    const touched: DateFile[] = [];
    let day = NaN;
    let file: DateFile | undefined;
    for (let i = 0; i < batch.length; i++) {
      const time = batch.eventTime[i]!;
      const ofRow = utcDay(time);
      if (ofRow !== day || file === undefined) {
        day = ofRow;
        file = this.#dates.get(day) ?? (await this.#openDate(day));
      }
      if (file.count === 0) touched.push(file);
      if (file.count === file.selected.length) {
        const larger = new Int32Array(Math.max(64, 2 * file.count));
        larger.set(file.selected);
        file.selected = larger;
      }
      file.selected[file.count++] = i;
      if (time < file.minEventTime) file.minEventTime = time;
      if (time > file.maxEventTime) file.maxEventTime = time;
    }
    for (const { writer, selected, count } of touched) await writer.append(batch, selected, count);
    for (const each of touched) {
      each.rows += each.count;
      each.count = 0;
    }
  }

  /** Adds lines of dead letters of the segment, each with its line end, in offset order. */
  async addDeadLetters(lines: readonly string[]): Promise<void> {
    if (lines.length === 0) return;
    this.#deadLetters += lines.length;
    await this.#addDeadLetters(lines.join(""));
  }

  /** Publishes the files, each whole, and returns the manifest that is to commit them. */
  async commit({ end, sealedBy }: SegmentEnd): Promise<Manifest> {
    if (this.#until !== end) throw new RangeError(`committing segment ${this.#start.first}: records below ${this.#until} were added, and it ends at ${end}`);
    return this.#publish({ until: end, sealedBy, maxAppendedAt: this.#maxAppendedAt, records: this.#records });
  }

  /** As {@link commit}, of a segment that was committed before and is read again: its records are those it had. */
  commitAgain({ until, sealedBy, maxAppendedAt, records }: Manifest): Promise<Manifest> {
    return this.#publish({ until, sealedBy, maxAppendedAt, records });
  }

  async #publish(segment: Pick<Manifest, "until" | "sealedBy" | "maxAppendedAt" | "records">): Promise<Manifest> {
    const { plan, keepRaw } = this.#writing;
    const { topic, logVersion, partition, first, previous, firstAppendedAt, erased: mayBeErased } = this.#start;
    const { until, sealedBy, maxAppendedAt, records } = segment;
    const erased = mayBeErased.filter((offset) => offset >= first && offset < until);
    if (this.#events + this.#deadLetters + erased.length !== records) {
      throw new RangeError(`committing segment ${first}: ${this.#events} events, ${this.#deadLetters} dead letters and ${erased.length} erased are not ${records} records`);
    }
    const dates = [...this.#dates.values()].sort((a, b) => (a.date < b.date ? -1 : 1));
    const files: ManifestFile[] = [];
    for (const { date, path, writer, rows, minEventTime, maxEventTime } of dates) {
      const { bytes, sha256 } = await writer.seal();
      files.push({ date, path, bytes, sha256, rows, minEventTime, maxEventTime });
    }
    for (const { writer } of dates) await writer.commit();
    let deadLetterFile: ManifestChecksum | null = null;
    if (this.#deadLetterFile) {
      const { path, file, hash, bytes } = this.#deadLetterFile;
      await file.commit();
      deadLetterFile = { path, bytes, sha256: hash.digest("hex") };
    }
    return {
      format: 1,
      topic,
      logVersion,
      partition,
      first,
      until,
      previous,
      sealedBy,
      receivedAt: firstAppendedAt,
      maxAppendedAt,
      records,
      events: this.#events,
      deadLetters: this.#deadLetters,
      late: this.#late,
      files,
      deadLetterFile,
      coordinates: plan.coordinates.map(coordinateName),
      streamFingerprint: streamFingerprint(plan),
      ...(erased.length === 0 ? {} : { erased }),
      raw: keepRaw,
    };
  }

  /** Leaves nothing behind of what was not committed. */
  async abort(): Promise<void> {
    for (const { writer } of this.#dates.values()) await writer.abort();
    await this.#deadLetterFile?.file.abort();
  }

  async #openDate(day: number): Promise<DateFile> {
    const date = utcDate(day);
    const path = segmentFilePath(this.#start, this.#start.first, date, this.#reading);
    const writer = new MasterFileWriter(await this.#writing.files.write(path, this.#signal), this.#columns);
    const file: DateFile = { date, path, writer, rows: 0, minEventTime: Infinity, maxEventTime: -Infinity, selected: new Int32Array(0), count: 0 };
    this.#dates.set(day, file);
    return file;
  }

  async #addDeadLetters(lines: string): Promise<void> {
    if (this.#deadLetterFile === undefined) {
      const path = deadLetterFilePath(this.#start, this.#start.first, this.#reading);
      this.#deadLetterFile = { path, file: await this.#writing.files.write(path, this.#signal), hash: createHash("sha256"), bytes: 0 };
    }
    const bytes = new TextEncoder().encode(lines);
    this.#deadLetterFile.hash.update(bytes);
    this.#deadLetterFile.bytes += bytes.length;
    await this.#deadLetterFile.file.write(bytes);
  }
}
