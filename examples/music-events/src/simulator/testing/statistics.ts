import type { SimulatedEvent, Topic } from "../simulated-event.js";

interface PageView {
  readonly ts: number;
  readonly page: string;
  readonly status: number;
}

interface Session {
  readonly userId: number;
  readonly views: PageView[];
  /** Item number of the first view: not 0 when the session began before the simulation. */
  readonly firstItem: number;
}

const HOUR_MS = 3_600_000;
const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0);
export const meanOf = (values: readonly number[]): number => sum(values) / values.length;
export const deviationOf = (values: readonly number[]): number => Math.sqrt(meanOf(values.map((value) => (value - meanOf(values)) ** 2)));
const bump = <K>(counts: Map<K, number>, key: K): void => void counts.set(key, (counts.get(key) ?? 0) + 1);

/** What a run of the simulator looks like from its records alone. */
export class Statistics {
  readonly topics: Record<Topic, number> = { listen_events: 0, auth_events: 0, page_view_events: 0, status_change_events: 0 };
  readonly pages = new Map<string, number>();
  readonly sessions = new Map<number, Session>();
  readonly users = new Set<number>();
  /** Users of whom a record said so. */
  readonly genders = new Map<number, string>();
  /** Of each user's first record. */
  readonly firstLevels = new Map<number, string>();
  readonly churned = new Set<number>();
  cameBack = 0;
  anonymous = 0;
  failedLogins = 0;
  upgrades = 0;
  paidPlays = 0;
  playedSec = 0;

  constructor(events: Iterable<SimulatedEvent>) {
    for (const { topic, ts, userId, value } of events) {
      this.topics[topic]++;
      if (topic === "auth_events" && value.endsWith('"success":false}')) this.failedLogins++;
      if (topic === "status_change_events" && value.includes('"level":"free"')) this.upgrades++;
      // A play is a page view, too.
      if (topic !== "page_view_events") continue;
      const record = JSON.parse(value) as Readonly<Record<string, string & number>>;
      if (record["duration"] !== undefined) {
        this.playedSec += record["duration"];
        if (record["level"] === "paid") this.paidPlays++;
      }
      this.users.add(userId);
      if (this.churned.has(userId)) this.cameBack++;
      const page = record["page"]!;
      if (page === "Cancellation Confirmation") this.churned.add(userId);
      bump<string>(this.pages, page);
      if (!this.firstLevels.has(userId)) this.firstLevels.set(userId, record["level"]!);
      if (record["userId"] === undefined) this.anonymous++;
      else this.genders.set(userId, record["gender"]!);
      const id = record["sessionId"]!;
      let session = this.sessions.get(id);
      if (!session) this.sessions.set(id, (session = { userId, views: [], firstItem: record["itemInSession"]! }));
      session.views.push({ ts, page, status: record["status"]! });
    }
  }

  perView(count: number): number {
    return count / this.topics.page_view_events;
  }

  pageShare(page: string): number {
    return this.perView(this.pages.get(page) ?? 0);
  }

  get eventsPerSession(): { readonly mean: number; readonly median: number } {
    const lengths = [...this.sessions.values()].map(({ views }) => views.length).sort((left, right) => left - right);
    return { mean: meanOf(lengths), median: lengths[lengths.length >> 1]! };
  }

  get meanSessionMin(): number {
    return meanOf([...this.sessions.values()].map(({ views }) => views.at(-1)!.ts - views[0]!.ts)) / 60_000;
  }

  /** Sessions that began in [fromHour, untilHour) of a day, by what is true of the day (epoch ms of its midnight). */
  sessionsStarted(fromHour: number, untilHour: number, onDay: (dayMs: number) => boolean = () => true): number {
    return sum(
      [...this.sessions.values()].map(({ views, firstItem }) => {
        const ts = views[0]!.ts;
        const dayMs = Math.floor(ts / (24 * HOUR_MS)) * 24 * HOUR_MS;
        const hour = (ts - dayMs) / HOUR_MS;
        return firstItem === 0 && hour >= fromHour && hour < untilHour && onDay(dayMs) ? 1 : 0;
      }),
    );
  }

  /** By user, the gaps in seconds before pages that are neither a redirect nor a song: those that wait for nothing. */
  freeGaps(): number[][] {
    const gaps = new Map<number, number[]>();
    for (const { userId, views } of this.sessions.values()) {
      for (let index = 1; index < views.length; index++) {
        const { ts, page, status } = views[index]!;
        if (page === "NextSong" || status === 307) continue;
        if (!gaps.has(userId)) gaps.set(userId, []);
        gaps.get(userId)!.push((ts - views[index - 1]!.ts) / 1_000);
      }
    }
    return [...gaps.values()];
  }

  share(test: (value: string) => boolean, of: ReadonlyMap<number, string>): number {
    return sum([...of.values()].map((value) => (test(value) ? 1 : 0))) / of.size;
  }
}
