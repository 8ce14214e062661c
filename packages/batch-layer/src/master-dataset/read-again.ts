import {
  createEventDecoder,
  decodeBatch,
  encodeManifest,
  FileNotFoundError,
  MillraceError,
  parseManifest,
  rawBatchOf,
  readingPath,
  type FileSystem,
  type LogRecord,
  type Manifest,
  type SqlEngine,
  type SqlValue,
  type StreamPlan,
} from "@millrace/core";
import { deadLetterKey, deadLetterLine, deadLetterValue, type DeadLetterLine } from "../ingest/dead-letter-line.js";
import type { SegmentWriter } from "../ingest/segment-writer.js";
import { streamFingerprint } from "../ingest/stream-fingerprint.js";
import { StreamChangedError } from "../run/run-errors.js";
import { storedColumns, StoredEvents } from "../run/stored-events.js";
import { logColumns } from "./master-scan.js";
import { readingKey } from "./reading-key.js";
import type { UnreadSegment } from "./topic-dataset.js";

/** Records decoded at the same time. */
const BATCH_RECORDS = 4_000;

export interface ReadAgain {
  readonly files: FileSystem;
  readonly engine: SqlEngine;
  /** The present declaration. */
  readonly plan: StreamPlan;
  readonly segment: UnreadSegment;
  /** Whether what was an event may become a dead letter. */
  readonly acceptDeadLetters: boolean;
}

/** What another declaration made of the same records. */
export interface Changes {
  /** Dead letters that are events now. */
  readonly nowEvents: number;
  /** Events that are dead letters now. */
  readonly nowDeadLetters: number;
}

const UNCHANGED: Changes = { nowEvents: 0, nowDeadLetters: 0 };

/**
 * Makes another reading of a committed segment beside those that are there: from the columns of one that the same
 * declaration made, else from the records' original bytes, dead letters among them. What comes out is what ingest would
 * have written under this declaration, without the erased records. Its manifest comes last, create-without-overwrite, and
 * is a function of the records, the declaration and what is erased: doing it again, or twice at once, changes nothing.
 * Memory: a batch, the segment's dead letters, and what a {@link SegmentWriter} holds.
 *
 * @throws {StreamChangedError} when the files do not hold what this declaration needs, or events would become dead letters.
 */
export async function readAgain(task: ReadAgain, signal: AbortSignal): Promise<{ readonly path: string; readonly manifest: Manifest; readonly changes: Changes }> {
  const { files, plan, segment } = task;
  const committed = segment.readings[0]!;
  const source = await sourceOf(task, signal);
  const keepRaw = source.raw !== false;
  const path = readingPath(committed, committed.first, readingKey(plan, keepRaw, segment.erased));
  const there = await findReading(files, path, signal);
  if (there !== undefined) return { path, manifest: there, changes: UNCHANGED };
  const { topic, logVersion, partition, first, previous, receivedAt } = committed;
  // Arrow and Parquet are loaded only where they are needed.
  const { SegmentWriter: Writer } = await import("../ingest/segment-writer.js");
  const writer = new Writer(
    { files, plan, decoder: createEventDecoder(plan), keepRaw, waiting: (_, attempt, abort) => attempt(abort) },
    { topic, logVersion, partition, first, previous, firstAppendedAt: receivedAt, erased: segment.erased },
    signal,
  );
  try {
    const changes = source.streamFingerprint === streamFingerprint(plan) ? await copyRows(task, source, writer, signal) : await decodeRecords(task, source, writer, signal);
    const manifest = await writer.commitAgain(committed);
    await files.putIfAbsent(path, encodeManifest(manifest), signal);
    // Files that no manifest names yet may be taken for leftovers while erased records are pruned.
    if (segment.erased.length > 0 && !(await isThere(files, manifest, signal))) {
      await files.remove(path, signal);
      throw new ReadingLostError(topic, first);
    }
    return { path, manifest, changes };
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

/** Files of a reading were removed while it was made. */
export class ReadingLostError extends MillraceError {
  readonly code = "READING_LOST";
  readonly retryable = true;

  constructor(topic: string, first: number) {
    super(`reading segment ${first} of "${topic}" again: its files were removed before they were committed`, { advice: "what holds erased records is being pruned: repeat it" });
  }
}

/** The reading to make another one from: of the same declaration, if there is one. */
async function sourceOf({ files, plan, segment }: ReadAgain, signal: AbortSignal): Promise<Manifest> {
  const fingerprint = streamFingerprint(plan);
  const wanted = new Set(segment.erased);
  const erasedOf = ({ erased = [] }: Manifest) => erased.length;
  const usable = segment.readings
    .filter(({ erased = [], streamFingerprint: made, raw }) => erased.every((offset) => wanted.has(offset)) && (made === fingerprint || raw !== false))
    // What lacks most of what is to be left out was made last: files that still have it may have been removed.
    .sort((a, b) => Number(b.streamFingerprint === fingerprint) - Number(a.streamFingerprint === fingerprint) || erasedOf(b) - erasedOf(a));
  for (const reading of usable) if (wanted.size === 0 || (await isThere(files, reading, signal))) return reading;
  const { topic, first } = segment.readings[0]!;
  throw new StreamChangedError(topic, `segment ${first} was written by another declaration, and its files do not keep the records' original bytes`);
}

/** Whether the files of a reading are there: those that hold erased rows are removed once there are others. */
async function isThere(files: FileSystem, { files: own, deadLetterFile }: Manifest, signal: AbortSignal): Promise<boolean> {
  for (const { path } of deadLetterFile === null ? own : [...own, deadLetterFile]) {
    const listed = await files.list(path.slice(0, path.lastIndexOf("/")), signal);
    if (!listed.some((file) => file.path === path)) return false;
  }
  return true;
}

async function findReading(files: FileSystem, path: string, signal: AbortSignal): Promise<Manifest | undefined> {
  try {
    return parseManifest(path, await files.read(path, signal));
  } catch (error) {
    if (error instanceof FileNotFoundError) return undefined;
    throw error;
  }
}

/** The same declaration: rows and dead letters as they are, without the erased ones. */
async function copyRows(task: ReadAgain, source: Manifest, writer: SegmentWriter, signal: AbortSignal): Promise<Changes> {
  const { engine, plan, segment } = task;
  const erased = new Set(segment.erased);
  const columns = storedColumns(plan, engine.dialect);
  const events = new StoredEvents(plan);
  const width = Object.keys(columns).length;
  for await (const all of rowsOf(task, source, source.raw === false ? columns : { ...columns, _raw: "BLOB" }, signal)) {
    const rows = all.filter(([offset]) => !erased.has(Number(offset)));
    if (rows.length > 0) await writer.addEvents(events.batch(source, rows, source.raw === false ? undefined : rows.map((row) => bytesOf(source, row[width]))));
  }
  const letters = await deadLettersOf(task.files, source, signal);
  await writer.addDeadLetters(letters.filter(({ line }) => !erased.has(line.offset)).map(({ text }) => text));
  return UNCHANGED;
}

/** Another declaration: what the records are by the present one, its decoder must say. */
async function decodeRecords(task: ReadAgain, source: Manifest, writer: SegmentWriter, signal: AbortSignal): Promise<Changes> {
  const { files, engine, plan, segment, acceptDeadLetters } = task;
  const { topic } = source;
  for (const [name, { source: from }] of Object.entries(plan.stream.columns)) {
    if (from.in === "key" || from.in === "header") throw new StreamChangedError(topic, `column "${name}" lies in the record's ${from.in}, which files do not keep`);
  }
  const decoder = createEventDecoder(plan);
  const erased = new Set(segment.erased);
  const letters = (await deadLettersOf(files, source, signal)).map(({ line }) => line).filter(({ offset }) => !erased.has(offset));
  const wereDead = new Set(letters.map(({ offset }) => offset));
  let nowEvents = 0;
  let nowDeadLetters = 0;
  let waiting: LogRecord[] = [];
  let next = 0;
  const takeLetters = (below: number) => {
    for (let letter = letters[next]; letter !== undefined && letter.offset < below; letter = letters[++next]) {
      waiting.push({ offset: letter.offset, appendedAt: letter.appendedAt, key: deadLetterKey(letter), value: deadLetterValue(letter) });
    }
  };
  const decode = async () => {
    if (waiting.length === 0) return;
    const batch = await decodeBatch(decoder, rawBatchOf(source, waiting), signal);
    waiting = [];
    const lost = batch.deadLetters.filter(({ offset }) => !wereDead.has(offset));
    const [first] = lost;
    if (first && !acceptDeadLetters) throw new StreamChangedError(topic, `the record at ${first.offset} of partition ${source.partition} was an event and is none now: ${first.detail}`);
    nowDeadLetters += lost.length;
    for (const offset of batch.offsets) if (wereDead.has(offset)) nowEvents++;
    await writer.addEvents(batch);
    await writer.addDeadLetters(batch.deadLetters.map(deadLetterLine));
  };
  const { _offset, _appended_at } = logColumns(engine.dialect);
  for await (const rows of rowsOf(task, source, { _offset: _offset!, _appended_at: _appended_at!, _raw: "BLOB" }, signal)) {
    for (const [at, appendedAt, raw] of rows) {
      const offset = Number(at);
      if (erased.has(offset)) continue;
      takeLetters(offset);
      waiting.push({ offset, appendedAt: Number(appendedAt), value: bytesOf(source, raw) });
    }
    if (waiting.length >= BATCH_RECORDS) await decode();
  }
  takeLetters(Infinity);
  await decode();
  return { nowEvents, nowDeadLetters };
}

/** The rows of a segment in offset order, in blocks of at least {@link BATCH_RECORDS}. */
async function* rowsOf({ files, engine }: ReadAgain, { topic, first, files: own }: Manifest, columns: Readonly<Record<string, string>>, signal: AbortSignal): AsyncGenerator<readonly (readonly SqlValue[])[]> {
  if (own.length === 0) return;
  const { dialect } = engine;
  const names = Object.keys(columns).map((name) => dialect.identifier(name));
  const { blocks } = await engine.query(`SELECT ${names.join(", ")} FROM ${dialect.scan(own.map(({ path }) => files.uri(path)), columns)} AS events ORDER BY _offset`, signal);
  let waiting: (readonly SqlValue[])[] = [];
  let read = 0;
  for await (const block of blocks) {
    waiting.push(...block);
    read += block.length;
    if (waiting.length < BATCH_RECORDS) continue;
    yield waiting;
    waiting = [];
  }
  if (waiting.length > 0) yield waiting;
  const rows = own.reduce((sum, file) => sum + file.rows, 0);
  if (read !== rows) throw new StreamChangedError(topic, `the files of segment ${first} have ${read} rows, its manifest says ${rows}`);
}

async function deadLettersOf(files: FileSystem, { deadLetterFile }: Manifest, signal: AbortSignal): Promise<readonly { readonly line: DeadLetterLine; readonly text: string }[]> {
  if (deadLetterFile === null) return [];
  const lines = new TextDecoder().decode(await files.read(deadLetterFile.path, signal)).split("\n");
  return lines.filter((text) => text !== "").map((text) => ({ line: JSON.parse(text) as DeadLetterLine, text: `${text}\n` }));
}

function bytesOf({ topic, first }: Manifest, raw: SqlValue | undefined): Uint8Array {
  if (raw instanceof Uint8Array) return raw;
  throw new StreamChangedError(topic, `the files of segment ${first} do not keep the records' original bytes`);
}
