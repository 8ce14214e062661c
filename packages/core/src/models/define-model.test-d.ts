import { int64, text, timestamp } from "../streams/column-type.js";
import { defineStream } from "../streams/define-stream.js";
import { defineModel } from "./define-model.js";
import type { Model } from "./model.js";
import { sql } from "./sql.js";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <_ extends true>() => {};

const plays = defineStream({ topic: "listen_events", columns: { ts: timestamp("ms"), song: text().optional(), artist: text(), level: text() }, eventTime: "ts" });
const dimSong = defineModel({
  name: "dim_song",
  from: { plays },
  columns: { song_key: int64("bigint"), song: text() },
  key: ["song_key"],
  partitioned: "whole",
  sql: ({ plays }, d) => sql`select distinct ${d.key(plays.song, plays.artist)} as song_key, ${plays.song} from ${plays} where ${plays.level} = ${"paid"}`,
});
same<typeof dimSong extends Model<"dim_song", typeof dimSong.columns> ? true : false>();
same<Equal<typeof dimSong.name, "dim_song">>();

const base = { name: "m", from: { plays, songs: dimSong }, columns: { n: int64(), song_key: int64("bigint") }, key: ["n"], partitioned: "date" } as const;
export const uses = () => {
  defineModel({ ...base, references: { song_key: dimSong }, sql: ({ plays, songs }, d) => sql`select ${plays._offset} as n, ${songs.song_key} from ${plays}, ${songs} where ${d.dateOf(plays._appended_at)} > ${new Date(0)}` });
  // @ts-expect-error the model reads no such table
  defineModel({ ...base, sql: ({ palys }) => sql`select 1 from ${palys}` });
  // @ts-expect-error Property 'sogn' does not exist. Did you mean 'song'?
  defineModel({ ...base, sql: ({ plays }) => sql`select ${plays.sogn} from ${plays}` });
  // @ts-expect-error only a stream's table has the coordinates of events
  defineModel({ ...base, sql: ({ songs }) => sql`select ${songs._offset} from ${songs}` });
  // @ts-expect-error SQL is written with the template, so that values are bound
  defineModel({ ...base, sql: () => "select 1" });
  // @ts-expect-error an object is no value
  defineModel({ ...base, sql: () => sql`select ${{ n: 1 }}` });
  // @ts-expect-error a date of a text
  defineModel({ ...base, sql: ({ plays }, d) => sql`select ${d.dateOf(plays.song)}` });
  // @ts-expect-error the key is made of the model's columns
  defineModel({ ...base, key: ["song"], sql: ({ plays }) => sql`select 1 from ${plays}` });
  // @ts-expect-error only the model's columns refer to others
  defineModel({ ...base, references: { song: dimSong }, sql: ({ plays }) => sql`select 1 from ${plays}` });
};
