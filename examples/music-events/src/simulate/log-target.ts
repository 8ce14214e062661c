import type { EventLog, NewRecord } from "millrace";
import { TOPICS, type SimulatedEvent, type Topic } from "../simulator/index.js";
import type { EventTarget } from "./event-target.js";

const MAX_EVENTS = 5_000;
/** A chunk is stamped with one broker time, so it spans little of it: or most of its events would count as late. */
const MAX_SPAN_MS = 50_000;
const PARTITIONS = 3;

/** Appends to a log, a user's records always to the same partition. Holds up to 5,000 events of 50 s. */
export class LogTarget implements EventTarget {
  readonly #log: EventLog;
  readonly #advanceClockTo: (sentMs: number) => void;
  readonly #records = new Map<Topic, NewRecord[]>();
  #events = 0;
  #firstMs = 0;
  #lastMs = 0;

  private constructor(log: EventLog, advanceClockTo: (sentMs: number) => void) {
    this.#log = log;
    this.#advanceClockTo = advanceClockTo;
  }

  /**
   * Creates the topics that are not there.
   *
   * @param advanceClockTo called before each append with the time of its last event (epoch ms), for a log whose clock is simulated.
   */
  static async create(log: EventLog, advanceClockTo: (sentMs: number) => void, signal: AbortSignal): Promise<LogTarget> {
    for (const topic of TOPICS) await log.createTopic(topic, { partitions: PARTITIONS }, signal);
    return new LogTarget(log, advanceClockTo);
  }

  hasRoomFor({ sentMs }: SimulatedEvent): boolean {
    return this.#events === 0 || (this.#events < MAX_EVENTS && sentMs - this.#firstMs < MAX_SPAN_MS);
  }

  add({ topic, sentMs, userId, value }: SimulatedEvent): void {
    if (this.#events++ === 0) this.#firstMs = sentMs;
    this.#lastMs = sentMs;
    const record = { key: String(userId), value };
    const records = this.#records.get(topic);
    if (records) records.push(record);
    else this.#records.set(topic, [record]);
  }

  async flush(signal: AbortSignal): Promise<void> {
    if (this.#events === 0) return;
    this.#advanceClockTo(this.#lastMs);
    await Promise.all([...this.#records].map(([topic, records]) => this.#log.append(topic, records, signal)));
    this.#records.clear();
    this.#events = 0;
  }

  /** The log is its owner's to close. */
  close(): Promise<void> {
    return Promise.resolve();
  }
}
