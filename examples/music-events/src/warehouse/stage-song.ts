import { decimal, defineModel, int64, sql, text } from "millrace";
import { listenEvents } from "../streams/listen-events.js";
import { pageViewEvents } from "../streams/page-view-events.js";
import { songKey } from "./member-keys.js";
import { dateKey } from "./utc-calendar.js";

/** The songs of each date, so that `dim_song` need not read all events again. */
export const stageSong = defineModel({
  name: "stage_song",
  from: { listens: listenEvents, views: pageViewEvents },
  columns: { date_key: int64(), song_key: int64("bigint"), title: text(), artist: text(), duration: decimal(5).optional() },
  key: ["date_key", "song_key"],
  partitioned: "date",
  sql: ({ listens, views }, d) => sql`
    select ${dateKey(d.dateOf(listens.ts))} as date_key, ${songKey(d, listens.song, listens.artist, listens.duration)} as song_key,
           ${listens.song} as title, ${listens.artist} as artist, ${listens.duration} as duration
    from ${listens}
    union
    select ${dateKey(d.dateOf(views.ts))} as date_key, ${songKey(d, views.song, views.artist, views.duration)} as song_key,
           coalesce(${views.song}, '(none)') as title, coalesce(${views.artist}, '(none)') as artist, ${views.duration} as duration
    from ${views}`,
});
