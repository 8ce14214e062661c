import type { EventLog, NewRecord } from "millrace";
import { simulate, TOPICS, type SimulatedEvent } from "../simulator/index.js";
import { siteRecordOf, writeFeedState, type FeedState, type Site } from "./feed-state.js";
import { PendingValues, readPendingValues } from "./pending-values.js";

export { TOPICS };
export const PARTITIONS = 3;

export interface FeedOptions {
  readonly log: EventLog;
  readonly dataDir: string;
  readonly seed: number;
  readonly users: number;
  readonly startMs: number;
  readonly simulated: boolean;
  readonly site: Site;
  /** What an earlier process left, see {@link FeedState}. */
  readonly resumed: FeedState | undefined;
}

/** Appends a simulation to a log, chunk by chunk, and after a crash goes on with the very next event. */
export class Feed {
  readonly #options: FeedOptions;
  readonly #events: Generator<SimulatedEvent, never>;
  readonly #ends: Record<string, number[]>;
  readonly #pending: PendingValues;
  #next: SimulatedEvent;
  #taken: number;
  /** Events appended by this process, by topic. */
  readonly appended: Record<string, number> = Object.fromEntries(TOPICS.map((topic) => [topic, 0]));
  /** Milliseconds spent appending. */
  appendMs = 0;

  private constructor(options: FeedOptions, ends: Record<string, number[]>, pending: PendingValues) {
    this.#options = options;
    this.#taken = options.resumed?.taken ?? 0;
    this.#events = simulate({ ...options.site, seed: options.seed, users: options.users, startMs: options.startMs }, this.#taken);
    this.#next = this.#events.next().value;
    this.#ends = ends;
    this.#pending = pending;
  }

  static async open(options: FeedOptions, signal: AbortSignal): Promise<Feed> {
    const { log, resumed } = options;
    const ends: Record<string, number[]> = {};
    for (const topic of TOPICS) {
      await log.createTopic(topic, { partitions: PARTITIONS }, signal);
      const { partitions } = await log.describe(topic, signal);
      ends[topic] = [...partitions].sort((a, b) => a.partition - b.partition).map(({ end }) => end);
    }
    return new Feed(options, ends, resumed ? await readPendingValues(log, resumed.ends, signal) : new PendingValues());
  }

  /** Events of the simulation so far, over all processes. */
  get taken(): number {
    return this.#taken;
  }

  /** When the next event is sent, epoch ms: the time that it bears, unless traps are on. */
  get nextTs(): number {
    return this.#next.sentMs;
  }

  /** Leaves out the events sent up to `untilMs`: nobody was there to send them. */
  skipTo(untilMs: number): void {
    while (this.#next.sentMs <= untilMs) this.#advance();
  }

  /**
   * Takes the events sent up to `untilMs`, at most `maxEvents`, so that the clock can be moved before they are appended.
   * Resolves, from `append`, once they are durable, with the end of each partition they went to.
   */
  take(untilMs: number, maxEvents: number): { readonly events: number; readonly lastTs: number; append(signal: AbortSignal): Promise<Ends> } | undefined {
    if (this.#next.sentMs > untilMs || maxEvents <= 0) return undefined;
    const before = this.#taken;
    const byTopic = new Map<string, NewRecord[]>();
    let lastTs = this.#next.sentMs;
    while (this.#next.sentMs <= untilMs && this.#taken - before < maxEvents) {
      const { topic, sentMs, userId, value } = this.#next;
      lastTs = sentMs;
      if (this.#pending.size === 0 || !this.#pending.take(topic, value)) {
        const records = byTopic.get(topic);
        if (records) records.push({ key: String(userId), value });
        else byTopic.set(topic, [{ key: String(userId), value }]);
      }
      this.#advance();
    }
    return { events: this.#taken - before, lastTs, append: (signal) => this.#append(before, byTopic, signal) };
  }

  async #append(before: number, byTopic: ReadonlyMap<string, readonly NewRecord[]>, signal: AbortSignal): Promise<Ends> {
    const { log, dataDir, seed, users, startMs, simulated, site } = this.#options;
    writeFeedState(dataDir, { seed, users, startMs, simulated, site: siteRecordOf(site), taken: before, ends: this.#ends });
    const started = performance.now();
    await Promise.all(
      [...byTopic].map(async ([topic, records]) => {
        for (const { partition, offset } of await log.append(topic, records, signal)) this.#ends[topic]![partition] = offset + 1;
        this.appended[topic]! += records.length;
      }),
    );
    this.appendMs += performance.now() - started;
    return this.#ends;
  }

  #advance(): void {
    this.#taken++;
    this.#next = this.#events.next().value;
  }
}

/** End of each topic's partitions. */
export type Ends = Readonly<Record<string, readonly number[]>>;
