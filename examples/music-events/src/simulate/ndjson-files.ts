import { mkdir, open, type FileHandle } from "node:fs/promises";
import path from "node:path";
import { TOPICS, type SimulatedEvent, type Topic } from "../simulator/index.js";
import type { EventTarget } from "./event-target.js";

const MAX_EVENTS = 5_000;
const START_BYTES = 1 << 20;
/** Of UTF-8 for one UTF-16 unit, at most. */
const MAX_BYTES_PER_UNIT = 3;
const LINE_END = 0x0a;

/** A file that could not be made or written. */
export class OutputError extends Error {
  readonly code = "SIMULATE_OUTPUT";
  readonly retryable = false;

  constructor(file: string, cause: unknown) {
    super(`writing "${file}": ${(cause as Error).message}`, { cause });
    this.name = "OutputError";
  }
}

async function writing<T>(file: string, job: Promise<T>): Promise<T> {
  try {
    return await job;
  } catch (error) {
    throw new OutputError(file, error);
  }
}

/** One topic's file, and the lines that are not in it yet. */
class LineFile {
  readonly #file: string;
  readonly #handle: FileHandle;
  #buffer = Buffer.allocUnsafe(START_BYTES);
  #used = 0;

  constructor(file: string, handle: FileHandle) {
    this.#file = file;
    this.#handle = handle;
  }

  add(line: string): void {
    const needed = this.#used + line.length * MAX_BYTES_PER_UNIT + 1;
    if (needed > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.#buffer.length));
      this.#buffer.copy(larger, 0, 0, this.#used);
      this.#buffer = larger;
    }
    this.#used += this.#buffer.write(line, this.#used);
    this.#buffer[this.#used++] = LINE_END;
  }

  /** Whole lines only, however the process ends afterwards. */
  async flush(): Promise<void> {
    for (let written = 0; written < this.#used; ) {
      written += (await writing(this.#file, this.#handle.write(this.#buffer, written, this.#used - written))).bytesWritten;
    }
    this.#used = 0;
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

/**
 * Writes `<dir>/<topic>.ndjson` for each topic, also for one without events: one record a line, in the order of sending.
 * Files that are there already are replaced. Holds up to 5,000 events.
 */
export class NdjsonFiles implements EventTarget {
  readonly #files: ReadonlyMap<Topic, LineFile>;
  #events = 0;

  private constructor(files: ReadonlyMap<Topic, LineFile>) {
    this.#files = files;
  }

  /** @throws {OutputError} when the folder or a file cannot be made. */
  static async create(dir: string): Promise<NdjsonFiles> {
    await writing(dir, mkdir(dir, { recursive: true }));
    const files = new Map<Topic, LineFile>();
    for (const topic of TOPICS) {
      const file = path.join(dir, `${topic}.ndjson`);
      files.set(topic, new LineFile(file, await writing(file, open(file, "w"))));
    }
    return new NdjsonFiles(files);
  }

  hasRoomFor(): boolean {
    return this.#events < MAX_EVENTS;
  }

  add({ topic, value }: SimulatedEvent): void {
    this.#files.get(topic)!.add(value);
    this.#events++;
  }

  /** @throws {OutputError} */
  async flush(): Promise<void> {
    for (const file of this.#files.values()) await file.flush();
    this.#events = 0;
  }

  async close(): Promise<void> {
    for (const file of this.#files.values()) await file.close();
  }
}
