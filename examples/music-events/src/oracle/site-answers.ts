import { encodeSketch, estimateDistinct, hllCoordinateOfInteger, type Granularity } from "millrace";
import type { SiteEvent } from "./site-events.js";

/** What a question was asked, as the oracle takes it. */
export interface OracleAsked {
  readonly from: number;
  readonly until: number;
  readonly granularity: Granularity | "all";
  readonly zone: string;
  readonly limit: number;
  readonly state?: string;
}

type Row = Record<string, unknown>;
/** A question in plain TypeScript, over all events that count for it. */
export type OracleAnswer = (events: readonly SiteEvent[], asked: OracleAsked) => readonly Row[];

const LENGTH_MS: Readonly<Record<string, number>> = { second: 1_000, minute: 60_000, hour: 3_600_000 };

/** Start of the calendar window of a zone that an instant lies in; of zones whose clocks change by whole hours, not at midnight. */
export function windowStart(ts: number, granularity: Granularity | "all", zone: string): number {
  if (granularity === "all") return 0;
  const length = LENGTH_MS[granularity];
  if (length !== undefined) return Math.floor(ts / length) * length;
  const local = new Date(ts + offsetOf(ts, zone));
  const [year, month, day] = [local.getUTCFullYear(), local.getUTCMonth(), local.getUTCDate()];
  const start =
    granularity === "day" ? Date.UTC(year, month, day) : granularity === "week" ? Date.UTC(year, month, day - ((local.getUTCDay() + 6) % 7)) : granularity === "month" ? Date.UTC(year, month) : Date.UTC(year, 0);
  return start - offsetOf(start - offsetOf(start, zone), zone);
}

const clocks = new Map<string, Intl.DateTimeFormat>();

function offsetOf(ts: number, zone: string): number {
  if (zone === "UTC") return 0;
  let clock = clocks.get(zone);
  if (clock === undefined) {
    clock = new Intl.DateTimeFormat("en-US", { timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" });
    clocks.set(zone, clock);
  }
  const parts = clock.formatToParts(ts);
  const part = (type: string) => Number(parts.find((each) => each.type === type)!.value);
  return Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"), part("second")) - Math.floor(ts / 1_000) * 1_000;
}

/** The version of a user: what the last event up to an instant said, of those at one instant the last in its session. */
export interface UserVersion {
  readonly level: string;
  /** Of the version before; null of the first. */
  readonly previous: string | null;
  /** Epoch ms. */
  readonly from: number;
  /** Null: for ever. */
  readonly until: number | null;
}

/** The history of every user's level. */
export function userVersions(events: readonly SiteEvent[]): ReadonlyMap<number, readonly UserVersion[]> {
  const histories = new Map<number, readonly UserVersion[]>();
  for (const [userId, own] of groupBy(events.filter((event) => event.userId != null), (event) => event.userId!)) {
    const ordered = [...own].sort((a, b) => a.ts - b.ts || a.sessionId - b.sessionId || a.itemInSession - b.itemInSession || (a.level < b.level ? -1 : 1));
    const last = ordered.filter((event, i) => ordered[i + 1]?.ts !== event.ts);
    const starts = last.filter((event, i) => i === 0 || last[i - 1]!.level !== event.level);
    histories.set(userId, starts.map((event, i) => ({ level: event.level, previous: starts[i - 1]?.level ?? null, from: event.ts, until: starts[i + 1]?.ts ?? null })));
  }
  return histories;
}

export const versionAt = (versions: readonly UserVersion[], ts: number): UserVersion =>
  versions.find(({ from, until }) => from <= ts && (until === null || ts < until))!;

function groupBy<T, K>(items: Iterable<T>, keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

const within = ({ from, until }: OracleAsked) => (event: SiteEvent) => event.ts >= from && event.ts < until;
const of = (topic: string) => (event: SiteEvent) => event.topic === topic;
const distinct = <T>(items: Iterable<T>): number => new Set(items).size;
const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

/** A row a window that has any of the items, in order. */
function byWindow<T>(items: readonly T[], tsOf: (item: T) => number, { granularity, zone }: OracleAsked, rowsOf: (items: readonly T[]) => readonly Row[]): readonly Row[] {
  const windows = groupBy(items, (item) => windowStart(tsOf(item), granularity, zone));
  return [...windows]
    .sort(([a], [b]) => a - b)
    .flatMap(([start, own]) => rowsOf(own).map((row) => (granularity === "all" ? row : { window: new Date(start), ...row })));
}

const textOrder = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** The groups with most plays, ties by their texts. */
function top(plays: readonly SiteEvent[], columns: readonly ("artist" | "song" | "state" | "city")[], limit: number): readonly Row[] {
  return [...groupBy(plays, (event) => JSON.stringify(columns.map((column) => event[column])))]
    .map(([key, own]) => ({ texts: JSON.parse(key) as string[], plays: own.length }))
    .sort((a, b) => b.plays - a.plays || a.texts.map((text, i) => textOrder(text, b.texts[i]!)).find((order) => order !== 0) || 0)
    .slice(0, limit)
    .map(({ texts, plays: n }) => ({ ...Object.fromEntries(columns.map((column, i) => [column, texts[i]])), plays: n }));
}

/** HyperLogLog's registers as they are defined, of a set of integers. */
function estimated(values: readonly number[]): number {
  const registers = new Map<number, number>();
  for (const value of values) {
    const coordinate = hllCoordinateOfInteger(value);
    const register = Math.floor(coordinate / 64);
    registers.set(register, Math.max(registers.get(register) ?? 0, coordinate % 64));
  }
  return estimateDistinct(encodeSketch("maxByKey", [...registers]));
}

const charts =
  (columns: Parameters<typeof top>[1]): OracleAnswer =>
  (events, asked) =>
    byWindow(events.filter(of("listen_events")).filter(within(asked)).filter((event) => asked.state === undefined || event.state === asked.state), (event) => event.ts, asked, (plays) => top(plays, columns, asked.limit));

/** Every question of the example by its name. */
export const siteAnswers: Readonly<Record<string, OracleAnswer>> = {
  logins: (events, asked) =>
    byWindow(events.filter(of("auth_events")).filter(within(asked)), (event) => event.ts, asked, (own) => {
      const logins = own.filter((event) => event.success === true).length;
      return [{ logins, failed: own.length - logins, successRate: logins / own.length, users: estimated(own.flatMap((event) => event.userId ?? [])) }];
    }),
  logged_in_users: (events, asked) =>
    byWindow(events.filter(of("auth_events")).filter(within(asked)).filter((event) => event.success === true), (event) => event.ts, asked, (own) => [{ users: distinct(own.flatMap((event) => event.userId ?? [])) }]),
  songs_played: (events, asked) =>
    byWindow(events.filter(of("listen_events")).filter(within(asked)), (event) => event.ts, asked, (plays) => [
      { plays: plays.length, seconds: sum(plays.map((event) => Math.round(event.duration! * 100_000))) / 100_000 },
    ]),
  top_songs: charts(["artist", "song"]),
  top_artists: charts(["artist"]),
  top_locations: charts(["state", "city"]),
  users_by_gender_and_level: (events, asked) => {
    const versions = userVersions(events);
    const seen = events.filter((event) => event.userId != null && event.topic !== "status_change_events").filter(within(asked));
    const genders = latestGenders(events);
    return byWindow(seen, (event) => event.ts, asked, (own) =>
      [...groupBy(own, (event) => JSON.stringify([genders.get(event.userId!), versionAt(versions.get(event.userId!)!, event.ts).level]))]
        .map(([key, group]) => ({ key: JSON.parse(key) as [string, string], users: distinct(group.map((event) => event.userId)) }))
        .sort((a, b) => textOrder(a.key[0], b.key[0]) || textOrder(a.key[1], b.key[1]))
        .map(({ key: [gender, level], users }) => ({ gender, level, users })),
    );
  },
  average_songs_per_user: (events, asked) =>
    byWindow(events.filter(of("listen_events")).filter(within(asked)).filter((event) => event.userId != null), (event) => event.ts, asked, (own) => {
      const users = distinct(own.map((event) => event.userId));
      return [{ plays: own.length, users, average: own.length / users }];
    }),
  average_songs_per_session: (events, asked) =>
    byWindow(events.filter(of("listen_events")).filter(within(asked)), (event) => event.ts, asked, (own) => {
      const sessions = distinct(own.map((event) => event.sessionId));
      return [{ plays: own.length, sessions, average: own.length / sessions }];
    }),
  average_songs_per_day: (events, asked) =>
    byWindow(events.filter(of("listen_events")).filter(within(asked)), (event) => event.ts, asked, (own) => {
      const days = distinct(own.map((event) => windowStart(event.ts, "day", asked.zone)));
      return [{ plays: own.length, days, average: own.length / days }];
    }),
  sessions: (events, asked) => {
    const sessions = [...groupBy(events.filter(of("page_view_events")), (event) => event.sessionId).values()].map((pages) => {
      const times = pages.map((event) => event.ts);
      const began = times.reduce((a, b) => Math.min(a, b));
      return { began, lengthMs: times.reduce((a, b) => Math.max(a, b)) - began, pages: pages.length, songs: pages.filter((event) => event.page === "NextSong").length };
    });
    return byWindow(sessions.filter(({ began }) => began >= asked.from && began < asked.until), ({ began }) => began, asked, (own) => [
      {
        sessions: own.length,
        average_minutes: sum(own.map(({ lengthMs }) => lengthMs)) / 60_000 / own.length,
        longest_minutes: own.reduce((longest, { lengthMs }) => Math.max(longest, lengthMs), 0) / 60_000,
        average_pages: sum(own.map(({ pages }) => pages)) / own.length,
        average_songs: sum(own.map(({ songs }) => songs)) / own.length,
      },
    ]);
  },
  conversion: (events, asked) => {
    const versions = userVersions(events);
    const free = events
      .filter(of("page_view_events"))
      .filter(within(asked))
      .filter((event) => event.userId != null && versionAt(versions.get(event.userId)!, event.ts).level === "free")
      .map((event) => ({ ts: event.ts, userId: event.userId!, converted: false }));
    const converted = [...versions].flatMap(([userId, own]) =>
      own.flatMap(({ level, previous, from }) => (level === "paid" && previous === "free" && from >= asked.from && from < asked.until ? [{ ts: from, userId, converted: true }] : [])),
    );
    return byWindow([...free, ...converted], ({ ts }) => ts, asked, (own) => {
      const users = distinct(own.filter((each) => !each.converted).map(({ userId }) => userId));
      const upgraded = distinct(own.filter((each) => each.converted).map(({ userId }) => userId));
      return [{ free_users: users, converted: upgraded, rate: users === 0 ? null : upgraded / users }];
    });
  },
};

/** As `dim_user` has it: of the last UTC day that tells one, the greatest. */
function latestGenders(events: readonly SiteEvent[]): ReadonlyMap<number, string> {
  const found = new Map<number, { readonly day: number; readonly gender: string }>();
  for (const { userId, gender, ts } of events) {
    if (userId == null) continue;
    const day = Math.floor(ts / 86_400_000);
    const known = found.get(userId);
    if (gender != null && (known === undefined || day > known.day || (day === known.day && gender > known.gender))) found.set(userId, { day, gender });
  }
  return new Map([...new Set(events.flatMap((event) => event.userId ?? []))].map((userId) => [userId, found.get(userId)?.gender ?? "(unknown)"]));
}
