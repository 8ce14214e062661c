import { FIRST_LOG_VERSION } from "@millrace/core";
import { DATE_MS } from "./parameters.js";

export interface ModelRecord {
  /** Unique over the history: what tells whether a record was lost or counted twice. */
  readonly id: number;
  readonly offset: number;
  readonly appendedAt: number;
  /** The event date, and the window of both views. */
  readonly date: number;
  readonly key: number;
  readonly dead: boolean;
}

/** Whether a record is an event of a view: the second view's `where` leaves out key 1. */
export const isEventOf = (view: number, record: ModelRecord): boolean => !record.dead && (view === 0 || record.key === 0);

/** The group of a view that a record is counted in. */
export const groupOf = (record: ModelRecord): string => `${record.date}/${record.key}`;

/** One partition of the log: gaps between offsets, a clock that steps back, records not yet committed, trimming, re-creation. */
export class LogPartitionModel {
  readonly timestamps: "append" | "create";
  logVersion = FIRST_LOG_VERSION;
  records: ModelRecord[] = [];
  /** How many records are visible: reading is read-committed. */
  committed = 0;
  /** First offset still there. */
  start = 0;
  /** Records are gone that no manifest has: what is above them can no longer become exact. */
  damaged = false;
  #end = 0;
  #skewMs = 0;
  #recorded: readonly ModelRecord[] | undefined;

  constructor(timestamps: "append" | "create") {
    this.timestamps = timestamps;
  }

  /** Every record of the log version that Millrace recorded, trimmed or not: the truth that answers are compared with. */
  get truth(): readonly ModelRecord[] {
    return this.#recorded ?? this.records;
  }

  get recordedVersion(): boolean {
    return this.logVersion === FIRST_LOG_VERSION;
  }

  append(id: number, now: number, a: number, b: number, c: number): ModelRecord {
    if (this.timestamps === "create") this.#skewMs = (c % 40) - 30;
    else if (b % 9 === 0) this.#skewMs = -(c % 3) * 7;
    else if (b % 9 === 1) this.#skewMs = (c % 2) * 3;
    this.#end += a % 4 === 0 ? (a >> 2) % 3 : 0;
    const appendedAt = now + this.#skewMs;
    const late = (b >> 4) % 4 === 0 ? (c >> 3) % 3 : 0;
    const record: ModelRecord = {
      id,
      offset: this.#end++,
      appendedAt,
      date: Math.floor(appendedAt / DATE_MS) - late,
      key: (a >> 5) % 2,
      dead: (a >> 6) % 6 === 0,
    };
    this.records.push(record);
    return record;
  }

  /** The index of the first record at or above `offset`. */
  indexOf(offset: number): number {
    let low = 0;
    let high = this.records.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.records[middle]!.offset < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Offset after the last record, committed or not. */
  get end(): number {
    return this.#end;
  }

  /** Deletes the partition and creates it again, empty, under the next log version. */
  recreate(): void {
    this.#recorded ??= this.records.slice(0, this.committed);
    this.logVersion++;
    this.records = [];
    this.committed = 0;
    this.start = 0;
    this.#end = 0;
    this.damaged = true;
  }
}
