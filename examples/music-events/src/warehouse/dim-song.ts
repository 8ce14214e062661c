import { decimal, defineModel, int64, sql, text } from "millrace";
import { stageSong } from "./stage-song.js";

/** Every recording that was played: two durations of one title are two. One member stands for pages without a song. */
export const dimSong = defineModel({
  name: "dim_song",
  from: { songs: stageSong },
  columns: { song_key: int64("bigint"), title: text(), artist: text(), /** Seconds. */ duration: decimal(5).optional() },
  key: ["song_key"],
  partitioned: "whole",
  sql: ({ songs }) => sql`select distinct ${songs.song_key}, ${songs.title}, ${songs.artist}, ${songs.duration} from ${songs}`,
});
