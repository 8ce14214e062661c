import { count, countDistinct, decimal, defineQuestion, defineStream, defineView, int64, max, parameter, sum, text, timestamp } from "@millrace/core";
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
const topSongs = defineQuestion({
  name: "top_songs", doc: "d", views: [songChart], by: ["song"], measures: ["plays"], granularity: "day",
  parameters: { least: parameter.count({ doc: "d", default: 1 }), artist: parameter.text({ doc: "d", default: null }) },
});
const loginsOf = defineQuestion({ name: "logins_of", doc: "d", views: [logins], by: ["userId"], measures: ["n"], granularity: "all" });
interface Asked extends Served {
  readonly questions: readonly (typeof topSongs | typeof loginsOf)[];
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

export async function itAsksQuestions(): Promise<readonly unknown[]> {
  const top = await client.ask(topSongs, { ...range, least: 2, artist: null }, { signal: new AbortController().signal });
  same<Equal<(typeof top.rows)[number], { window: Date; song: string; plays: number }>>();
  const total = await client.ask(topSongs, { ...range, granularity: "all" });
  same<Equal<(typeof total.rows)[number], { song: string; plays: number }>>();
  const ofUsers = await client.ask(loginsOf, range);
  same<Equal<(typeof ofUsers.rows)[number], { userId: bigint | null; n: number }>>();
  // By name nothing is known of it.
  const named = await client.ask("top_songs", { ...range, lest: 2 });
  same<Equal<typeof named, Answer<Record<string, unknown>>>>();
  // Unless the types of the questions are given, which brings no code with it.
  const typed = createClient<Asked>("http://127.0.0.1:4280");
  const known = await typed.ask("top_songs", { ...range, artist: "a" });
  same<Equal<(typeof known.rows)[number], { window: Date; song: string; plays: number }>>();
  const all = await typed.ask("logins_of", range);
  same<Equal<(typeof all.rows)[number], { userId: bigint | null; n: number }>>();
  const hourly = await typed.ask("logins_of", { ...range, granularity: "hour" });
  same<Equal<(typeof hourly.rows)[number], { window: Date; userId: bigint | null; n: number }>>();
  // @ts-expect-error the question has no such parameter
  await client.ask(topSongs, { ...range, lest: 2 });
  // @ts-expect-error there is no such question
  await typed.ask("top_song", range);
  // @ts-expect-error the question has no such parameter
  await typed.ask("top_songs", { ...range, lest: 2 });
  // @ts-expect-error a number is needed
  await typed.ask("top_songs", { ...range, least: "2" });
  return [top, total, ofUsers, named, known, all, hourly];
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
