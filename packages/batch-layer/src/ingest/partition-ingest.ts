import {
  encodeManifest,
  erasedOffsets,
  FileNotFoundError,
  manifestPath,
  nextBoundary,
  onAbort,
  parseManifest,
  partitionName,
  readErasures,
  readQuietRecord,
  segmentName,
  sliceRawBatch,
  writeQuietRecord,
  type Clock,
  type Credits,
  type EventLog,
  type Grid,
  type LogPartition,
  type Manifest,
  type RawBatch,
  type Telemetry,
} from "@millrace/core";
import { SegmentConflictError } from "./segment-conflict-error.js";
import { fixSegmentEnd, readSegmentEnd, type SegmentEnd } from "./segment-end.js";
import type { SegmentStart, SegmentWriter, SegmentWriting } from "./segment-writer.js";

/** Records of a read: small, since every partition holds two reads. */
const READ_RECORDS = 4_000;
/** A quiet partition of a topic without broker clock may be closed after this time, ms. */
const UNTIMED_QUIET_MS = 15 * 60_000;

/** Arrow and Parquet are loaded when there is something to write. */
const importWriter = () => import("./segment-writer.js");
let writerModule: ReturnType<typeof importWriter> | undefined;
const loadWriter = () => (writerModule ??= importWriter());

/** What the ingest of one partition works with. */
export interface PartitionIngestOptions extends SegmentWriting {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly partition: LogPartition;
  readonly grid: Grid;
  readonly sealGuardMs: number;
  /** Shared by all partitions of the process: one a segment being written. */
  /** One credit a segment that is written. */
  readonly writing: Credits;
  /** Where the last manifest ended, or the origin. */
  readonly position: number;
}

interface OpenSegment extends Omit<SegmentStart, "erased"> {
  /** Offset after the last record seen. */
  until: number;
  /** When this process first saw it, epoch ms. */
  readonly openedAt: number;
  fixed: SegmentEnd | undefined;
  /** Absent while only the boundary is looked for; the segment is then read again when it is sealed. */
  writer: SegmentWriter | undefined;
  release: () => void;
}

/**
 * Cuts one partition into segments and commits each once it is sealed. A backlog is written while it is read; at the
 * end of the log only the boundary is looked for, and the segment is read again when it is sealed: so the segments in
 * memory are as many as there are credits, however many partitions there are.
 */
export class PartitionIngest {
  readonly #options: PartitionIngestOptions;
  #position: number;
  /** What the quiet record says of this position: a multiple of the grid's time, or -Infinity. */
  #quietThrough = -Infinity;

  constructor(options: PartitionIngestOptions) {
    this.#options = options;
    this.#position = options.position;
  }

  /** `listen_events/v1024-p3`. */
  get name(): string {
    return partitionName(this.#options.partition);
  }

  /** Where the last segment that was committed here ended. */
  get position(): number {
    return this.#position;
  }

  /**
   * Ingests until aborted; without `follow`, until nothing is left that may be sealed now.
   *
   * @throws {LogTrimmedError} when the log no longer holds the next record.
   */
  async run(follow: boolean, signal: AbortSignal): Promise<void> {
    const quiet = await readQuietRecord(this.#options.files, this.#options.partition, signal);
    if (quiet !== null && quiet.until === this.#position) this.#quietThrough = quiet.through;
    while (await this.#read(follow, signal));
  }

  /** Reads from the position on. True: read again from the (new) position. */
  async #read(follow: boolean, signal: AbortSignal): Promise<boolean> {
    const { log, partition } = this.#options;
    const { topic } = partition;
    const reading = new AbortController();
    signal.throwIfAborted();
    const forget = onAbort(signal, () => reading.abort(signal.reason));
    const batches = log.read({ topic, partition: partition.partition, from: this.#position, maxRecords: READ_RECORDS }, reading.signal)[Symbol.asyncIterator]();
    let open: OpenSegment | undefined;
    let next: Promise<IteratorResult<RawBatch>> | undefined;
    let caughtUp = false;
    let readUntil = this.#position;
    try {
      for (;;) {
        if (next === undefined) {
          next = batches.next();
          // It may fail while a quiet segment is being closed, when nobody waits for it yet: the failure is told below.
          next.catch(() => {});
        }
        // At the end of the partition: records that came go first, then what the clock allows.
        if (caughtUp && !(follow && (await this.#arrives(next, open, signal))) && (await this.#stillAtEnd(readUntil, signal))) {
          const closed = await this.#closeIfQuiet(open, signal);
          if (closed === "read-again") return true;
          if (closed === "sealed") open = undefined;
          if (open === undefined) await this.#recordQuiet(signal);
          if (!follow) return false;
          continue;
        }
        const { done, value: batch } = await next;
        next = undefined;
        if (done === true) return false;
        let i = 0;
        while (i < batch.length) {
          let from = i;
          if (open === undefined) {
            const opened = await this.#open(batch, i, signal);
            if (opened === undefined) return true;
            open = opened;
            from = i + 1;
          }
          const boundary = this.#boundary(open, batch, i, from);
          if (boundary > i) {
            await open.writer?.add(sliceRawBatch(batch, i, boundary));
            open.until = batch.offsets[boundary - 1]! + 1;
            i = boundary;
          }
          if (boundary < batch.length || open.until === open.fixed?.end) {
            if ((await this.#seal(open, "grid", signal)) !== "sealed") return true;
            open = undefined;
          }
        }
        readUntil = batch.position;
        caughtUp = batch.position >= batch.end;
        if (caughtUp && open?.writer && !this.#mayClose(open)) {
          // The rest may be long in coming: give the credit to others.
          await open.writer.abort();
          open.writer = undefined;
          open.release();
        }
      }
    } finally {
      forget();
      // A generator that waits for records ends only by its signal.
      reading.abort();
      next?.catch(() => {});
      await batches.return?.().catch(() => {});
      await open?.writer?.abort();
      open?.release();
    }
  }

  /** Index of the first record from `from` on that does not belong to the open segment. */
  #boundary(open: OpenSegment, batch: RawBatch, first: number, from: number): number {
    const { offsets, appendedAt, length } = batch;
    if (open.fixed !== undefined) {
      let i = first;
      while (i < length && offsets[i]! < open.fixed.end) i++;
      return i;
    }
    return nextBoundary(this.#options.grid, open, from > first ? offsets[first]! : open.until - 1, offsets, appendedAt, from, length);
  }

  /** Opens the segment that starts at record `i`, or moves past it when it is committed already: undefined. */
  async #open(batch: RawBatch, i: number, signal: AbortSignal): Promise<OpenSegment | undefined> {
    const { files, partition, clock } = this.#options;
    const first = batch.offsets[i]!;
    const fixed = await readSegmentEnd(files, partition, first, signal);
    if (fixed !== undefined) {
      const committed = await this.#readManifest(first, signal);
      if (committed !== undefined) {
        this.#position = committed.until;
        return undefined;
      }
    }
    const open: OpenSegment = {
      ...partition,
      first,
      firstAppendedAt: batch.appendedAt[i]!,
      previous: this.#position,
      until: first,
      openedAt: clock.now(),
      fixed,
      writer: undefined,
      release: () => {},
    };
    if (batch.end - first > 2 * READ_RECORDS || (fixed !== undefined && batch.end >= fixed.end)) {
      await this.#mayWrite(open, signal);
      open.writer = await this.#newWriter(open, signal);
    }
    return open;
  }

  /**
   * Fixes the end, publishes the files, commits the manifest. `read-again`: the end that counts is not the one reached
   * here, so the segment is read again with it.
   */
  async #seal(open: OpenSegment, sealedBy: SegmentEnd["sealedBy"], signal: AbortSignal): Promise<"sealed" | "read-again"> {
    const { files, partition, telemetry } = this.#options;
    const startedMs = performance.now();
    const end = open.fixed ?? (await fixSegmentEnd(files, partition, open.first, { end: open.until, sealedBy }, signal));
    if (end.end !== open.until) {
      if (open.fixed !== undefined || (end.end > open.until && sealedBy === "grid")) {
        throw new SegmentConflictError(partition, open.first, `its end was fixed as ${end.end}, but its records end at ${open.until}`);
      }
      return "read-again";
    }
    const writer = open.writer ?? (await this.#readAgain(open, signal));
    open.writer = writer;
    const manifest = await writer.commit(end);
    const bytes = encodeManifest(manifest);
    if (!(await files.putIfAbsent(manifestPath(partition, open.first), bytes, signal))) {
      const committed = await this.#readManifest(open.first, signal);
      if (committed === undefined || !agree(committed, manifest)) throw new SegmentConflictError(partition, open.first, "it is committed with other content");
    } else {
      telemetry({
        type: "ManifestCommitted",
        topic: partition.topic,
        partition: partition.partition,
        segment: segmentName(end.sealedBy === "quiet" ? { first: open.first, end: end.end } : open),
        until: end.end,
        sealedBy: end.sealedBy,
        records: manifest.records,
        events: manifest.events,
        deadLetters: manifest.deadLetters,
        files: manifest.files.length,
        bytes: manifest.files.reduce((sum, file) => sum + file.bytes, 0),
        durationMs: performance.now() - startedMs,
      });
    }
    open.writer = undefined;
    open.release();
    this.#position = end.end;
    this.#quietThrough = -Infinity;
    return "sealed";
  }

  /** Waits for a credit; `open.release` gives it back, once, however often it is called. */
  async #mayWrite(open: OpenSegment, signal: AbortSignal): Promise<void> {
    const { writing } = this.#options;
    await writing.acquire(1, signal);
    open.release = () => {
      open.release = () => {};
      writing.release(1);
    };
  }

  /** Reads the records of a segment whose end is fixed. */
  async #readAgain(open: OpenSegment, signal: AbortSignal): Promise<SegmentWriter> {
    const { log, partition } = this.#options;
    await this.#mayWrite(open, signal);
    const writer = await this.#newWriter(open, signal);
    open.writer = writer;
    const reading = new AbortController();
    const forget = onAbort(signal, () => reading.abort(signal.reason));
    try {
      const { topic } = partition;
      for await (const batch of log.read({ topic, partition: partition.partition, from: open.first, maxRecords: READ_RECORDS }, reading.signal)) {
        let until = 0;
        while (until < batch.length && batch.offsets[until]! < open.until) until++;
        await writer.add(sliceRawBatch(batch, 0, until));
        if (batch.position >= open.until) return writer;
        if (batch.position >= batch.end) throw new SegmentConflictError(partition, open.first, `the log ends at ${batch.end}, and records below ${open.until} were there before`);
      }
    } finally {
      forget();
      reading.abort();
    }
    throw new SegmentConflictError(partition, open.first, "reading it ended early");
  }

  async #newWriter(start: OpenSegment, signal: AbortSignal): Promise<SegmentWriter> {
    const { files, partition } = this.#options;
    const { SegmentWriter: Writer } = await loadWriter();
    // Whoever writes a segment again that was lost must not bring back what was erased from it.
    const erased = erasedOffsets(await readErasures(files, partition.topic, signal), partition, start.first, start.fixed?.end ?? Infinity);
    return new Writer(this.#options, { ...start, erased }, signal);
  }

  async #readManifest(first: number, signal: AbortSignal): Promise<Manifest | undefined> {
    const path = manifestPath(this.#options.partition, first);
    try {
      return parseManifest(path, await this.#options.files.read(path, signal));
    } catch (error) {
      if (error instanceof FileNotFoundError) return undefined;
      throw error;
    }
  }

  /** Waits at the end of the partition: true when records came, false when it is time to look whether it is quiet. */
  async #arrives(next: Promise<IteratorResult<RawBatch>>, open: OpenSegment | undefined, signal: AbortSignal): Promise<boolean> {
    const { clock, grid, sealGuardMs } = this.#options;
    const now = clock.now();
    let wakeAt: number | undefined;
    if (open !== undefined) wakeAt = open.fixed === undefined ? this.#closableAt(open) : undefined;
    else if (grid.segmentMs !== null) wakeAt = this.#quietThrough + grid.segmentMs + sealGuardMs;
    if (wakeAt !== undefined && wakeAt <= now) {
      // Due already; but what has come goes first.
      const soon = new Promise<boolean>((resolve) => {
        setImmediate(() => resolve(false));
      });
      return await Promise.race([next.then(() => true), soon]);
    }
    const sleeping = new AbortController();
    signal.throwIfAborted();
    const forget = onAbort(signal, () => sleeping.abort(signal.reason));
    try {
      const due = wakeAt === undefined ? [] : [clock.sleep(wakeAt - now, sleeping.signal).then(() => false)];
      for (const each of due) each.catch(() => {});
      return await Promise.race([next.then(() => true), ...due]);
    } finally {
      forget();
      sleeping.abort();
    }
  }

  #closableAt({ firstAppendedAt, openedAt }: OpenSegment): number {
    const { grid, sealGuardMs } = this.#options;
    return grid.segmentMs === null
      ? openedAt + UNTIMED_QUIET_MS + sealGuardMs
      : (Math.floor(firstAppendedAt / grid.segmentMs) + 1) * grid.segmentMs + sealGuardMs;
  }

  #mayClose(open: OpenSegment): boolean {
    return open.fixed === undefined && this.#options.clock.now() >= this.#closableAt(open);
  }

  async #stillAtEnd(readUntil: number, signal: AbortSignal): Promise<boolean> {
    const { log, partition } = this.#options;
    const { partitions } = await log.describe(partition.topic, signal);
    const now = partitions.find((each) => each.partition === partition.partition);
    if (now === undefined || now.logVersion !== partition.logVersion) {
      throw new SegmentConflictError(partition, this.#position, `"${partitionName(partition)}" is no longer there`);
    }
    return now.end <= readUntil;
  }

  async #closeIfQuiet(open: OpenSegment | undefined, signal: AbortSignal): Promise<"sealed" | "read-again" | "open"> {
    if (open === undefined || !this.#mayClose(open)) return "open";
    return this.#seal(open, "quiet", signal);
  }

  /** Says up to when the partition is known to have no records but those of its manifests. */
  async #recordQuiet(signal: AbortSignal): Promise<void> {
    const { files, partition, clock, grid, sealGuardMs } = this.#options;
    if (grid.segmentMs === null) return;
    // Whole runs of the grid only: a cut at an instant is a multiple of T, and the file is not replaced all the time.
    const through = Math.floor((clock.now() - sealGuardMs) / grid.segmentMs) * grid.segmentMs;
    if (through <= this.#quietThrough) return;
    await writeQuietRecord(files, partition, { through, until: this.#position }, signal);
    this.#quietThrough = through;
  }
}

/** A rival of another declaration, or one that knew of more erasures, commits the same segment with other files: one of them is enough. */
function agree(committed: Manifest, mine: Manifest): boolean {
  const sameFiles =
    committed.streamFingerprint === mine.streamFingerprint &&
    committed.raw === mine.raw &&
    String(committed.coordinates) === String(mine.coordinates) &&
    String(committed.erased ?? []) === String(mine.erased ?? []);
  if (sameFiles) return Buffer.from(encodeManifest(committed)).equals(encodeManifest(mine));
  return (["until", "previous", "sealedBy", "receivedAt", "maxAppendedAt", "records"] as const).every((field) => committed[field] === mine[field]);
}
