import { count, countDistinct, decimal, defineStream, defineView, int64, max, sum, text, timestamp } from "@millrace/core";
import type { Observable } from "rxjs";
import type { Answer } from "../query/answer.js";
import type { Queries, Split } from "../query/query.js";
import { createClient, type ViewsOf } from "./create-client.js";

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
/** What a configuration exports. */
interface Served extends Queries<typeof songChart | typeof logins> {
  readonly views: readonly (typeof songChart | typeof logins)[];
}
const client = createClient<Served>("http://127.0.0.1:4280", { token: "t" });
const range = { from: new Date(0), until: 60_000 };

export async function itAsksAsTheLambdaDoes(): Promise<readonly unknown[]> {
  same<Equal<ViewsOf<Served>, typeof songChart | typeof logins>>();
  const top = await client.query("song_chart", { ...range, granularity: "hour", zone: "America/New_York", orderBy: "plays desc", limitPerWindow: 10 }, new AbortController().signal);
  same<Equal<(typeof top.rows)[number], { window: Date; song: string; artist: string; plays: number; seconds: number; last: Date | null; listeners: number }>>();
  const named = await client.query(songChart, { ...range, by: [] });
  same<Equal<keyof (typeof named.rows)[number], "window" | "plays" | "seconds" | "last" | "listeners">>();
  const byView = await client.query(logins, { ...range, where: { userId: [1n, null] }, granularity: "all" });
  same<Equal<(typeof byView.rows)[number], { userId: bigint | null; n: number }>>();
  const live = client.watch("logins", { ...range, by: [], granularity: "day", split: true });
  same<Equal<typeof live, Observable<Answer<{ window: Date; n: number; split: Split<{ n: number }> }>>>>();
  return [top, named, byView, live];
}

export async function whatDoesNotCompile(): Promise<void> {
  // @ts-expect-error a view that is not served
  await client.query("song_charts", range);
  // @ts-expect-error "logins" is kept by the hour
  await client.query("logins", { ...range, granularity: "minute" });
  // @ts-expect-error "sogn" is no dimension
  client.watch("song_chart", { ...range, by: ["sogn"] });
  // @ts-expect-error a song is a text
  await client.query("song_chart", { ...range, where: { song: 7 } });
  // @ts-expect-error what has no views is no lambda
  createClient<{ readonly tables: readonly string[] }>("http://127.0.0.1:4280");
}
