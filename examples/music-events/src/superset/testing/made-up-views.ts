import { usStates } from "../../simulator/us-states.js";
import type { Dataset } from "../dataset.js";
import { TIME_COLUMN } from "../dataset.js";

/** A row of a merged view: its window as epoch ms, and the other columns by name. */
export type ViewRow = Readonly<Record<string, string | number>> & { readonly [TIME_COLUMN]: number };

const [MINUTE_MS, HOUR_MS] = [60_000, 3_600_000];
const SONGS = [
  ["Undo", "Björk"],
  ["Revelry", "Kings Of Leon"],
  ["Use Somebody", "Kings Of Leon"],
  ["It's \"fine\"", "O'Neill"],
  ["Undo", "Tub Ring"],
  ["Canada", "Five Iron Frenzy"],
  ["Secrets", "OneRepublic"],
  ["Fireflies", "Owl City"],
] as const;
const ARTISTS = [...new Set(SONGS.map(([, artist]) => artist))];

/** Rows of every view of the dashboard, from a day before `nowMs` up to it. Which song is played how often goes round. */
export function madeUpRows(nowMs: number): Readonly<Record<string, readonly ViewRow[]>> {
  const last = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS;
  // Every minute of the last two hours, and some before.
  const minutes = [...Array.from({ length: 120 }, (_, i) => last - i * MINUTE_MS), ...Array.from({ length: 24 }, (_, i) => last - (i + 3) * HOUR_MS)].reverse();
  const each = <T>(list: readonly T[], row: (value: T, n: number) => Readonly<Record<string, string | number>>): readonly ViewRow[] =>
    minutes.flatMap((at, i) => list.filter((_, k) => (i + k) % 3 !== 0).map((value, k) => ({ [TIME_COLUMN]: at, ...row(value, ((i * 7 + k * 3) % 11) + 1) })));
  return {
    logins_second: each([1, 17, 42], (_, n) => ({ logins: n, failed: n % 3 })).map((row, i) => ({ ...row, [TIME_COLUMN]: row[TIME_COLUMN] + (i % 60) * 1_000 })),
    listen_count_minute: each([0, 1, 2], (_, n) => ({ plays: 100 + n })).filter(({ [TIME_COLUMN]: at }, i, all) => all[i - 1]?.[TIME_COLUMN] !== at),
    song_chart_minute: each(SONGS, (entry, n) => ({ song: entry[0], artist: entry[1], plays: n + 20 - SONGS.indexOf(entry) })),
    artist_chart_minute: each(ARTISTS, (artist, n) => ({ artist, plays: n + 40 - 3 * ARTISTS.indexOf(artist) })),
    user_activity_minute: each(usStates, ([state, thousands], n) => ({ state, views: n + Math.ceil(thousands / 300) })),
    gender_distribution_minute: each([["F", "free", 9], ["F", "paid", 2], ["M", "free", 11], ["M", "paid", 4]] as const, ([gender, level, more], n) => ({ gender, level, logins: n + more })),
  };
}

/** The statement that makes a table as a merged view is. */
export function createTable(schema: string, { name, columns }: Dataset, rows: readonly ViewRow[]): string {
  const own = columns.filter(({ sql }) => sql === undefined);
  const literal = (value: string | number | undefined, type: string): string =>
    value === undefined ? "NULL" : type === "TIMESTAMP" ? `from_unixtime(${Number(value) / 1_000})` : typeof value === "number" ? String(value) : `'${value.replaceAll("'", "''")}'`;
  return `CREATE TABLE ${schema}.${name} AS SELECT ${own.map((column) => `CAST(${column.name} AS ${column.type}) AS ${column.name}`).join(", ")} FROM (VALUES ${rows
    .map((row) => `(${own.map((column) => literal(row[column.name], column.type)).join(", ")})`)
    .join(", ")}) AS t(${own.map((column) => column.name).join(", ")})`;
}
