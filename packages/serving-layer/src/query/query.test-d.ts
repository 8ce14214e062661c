import { count, countDistinct, decimal, defineStream, defineView, int64, max, sum, text, timestamp } from "@millrace/core";
import type { Observable } from "rxjs";
import type { Answer } from "./answer.js";
import type { Queries, Split } from "./query.js";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <_ extends true>() => {};

const plays = defineStream({
  topic: "listen_events",
  columns: { ts: timestamp("ms"), song: text().optional(), artist: text(), duration: decimal(5), userId: int64("bigint").optional() },
  eventTime: "ts",
});
const songChart = defineView({
  name: "song_chart", from: plays, where: (c) => c.song.isNotNull(), by: ["song", "artist"], every: "minute",
  measures: (c) => ({ plays: count(), seconds: sum(c.duration), last: max(c.ts), listeners: countDistinct(c.userId) }),
});
const logins = defineView({ name: "logins", from: plays, by: ["userId"], every: "hour", measures: () => ({ n: count() }) });
declare const serving: Queries<typeof songChart | typeof logins>;
const range = { from: new Date(0), until: 60_000 };

export async function rowsAreTypedFromTheView(): Promise<readonly unknown[]> {
  const top = await serving.query(songChart, { ...range, granularity: "hour", zone: "America/New_York", orderBy: "plays desc", limitPerWindow: 10 }, new AbortController().signal);
  same<Equal<(typeof top.rows)[number], { window: Date; song: string; artist: string; plays: number; seconds: number; last: Date | null; listeners: number }>>();
  const total = await serving.query("song_chart", { ...range, granularity: "all", by: ["artist"], where: { song: ["Yesterday"] } });
  same<Equal<(typeof total.rows)[number], { artist: string; plays: number; seconds: number; last: Date | null; listeners: number }>>();
  const byUser = await serving.query("logins", { ...range, where: { userId: [1n, null] }, fill: "zero", allowIncomplete: true });
  same<Equal<(typeof byUser.rows)[number], { window: Date; userId: bigint | null; n: number }>>();
  same<Equal<typeof byUser.envelope.watermark, number | null>>();
  const live = serving.watch(logins, { ...range, by: [], granularity: "day" });
  same<Equal<typeof live, Observable<Answer<{ window: Date; n: number }>>>>();
  const parts = await serving.query(songChart, { ...range, by: ["artist"], granularity: "all", split: true });
  same<Equal<(typeof parts.rows)[number], { artist: string; plays: number; seconds: number; last: Date | null; listeners: number; split: Split<{ plays: number; seconds: number; last: Date | null; listeners: number }> }>>();
  same<Equal<(typeof parts.rows)[number]["split"]["plays"], { readonly batch: number | null; readonly speed: number | null } | undefined>>();
  return [top, total, byUser, live, parts];
}

export async function whatDoesNotCompile(): Promise<void> {
  // @ts-expect-error finer than the view's own minute
  await serving.query("song_chart", { ...range, granularity: "second" });
  // @ts-expect-error "logins" is kept by the hour
  await serving.query(logins, { ...range, granularity: "minute" });
  // @ts-expect-error a view that is not served
  await serving.query("song_charts", range);
  // @ts-expect-error "sogn" is no dimension
  await serving.query("song_chart", { ...range, by: ["sogn"] });
  // @ts-expect-error a song is a text
  await serving.query("song_chart", { ...range, where: { song: 7 } });
  // @ts-expect-error the view proves its song not null
  await serving.query("song_chart", { ...range, where: { song: null } });
  // @ts-expect-error "song" is not in the answer
  await serving.query("song_chart", { ...range, by: ["artist"], orderBy: "song asc" });
  // @ts-expect-error a total has no window
  await serving.query("song_chart", { ...range, granularity: "all", orderBy: "window asc" });
  // @ts-expect-error the only way to fill is zero
  await serving.query("song_chart", { ...range, fill: "null" });
}
