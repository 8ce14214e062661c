import { defineQuestion, float64, int64, sql } from "millrace";
import { factPageView } from "../warehouse/fact-page-view.js";

export const sessions = defineQuestion({
  name: "sessions",
  doc: "How many sessions began, how many minutes they lasted from their first page to their last one, and how many pages and songs they had.",
  from: { views: factPageView },
  columns: { sessions: int64(), average_minutes: float64(), longest_minutes: float64(), average_pages: float64(), average_songs: float64() },
  granularity: "day",
  sql: ({ views }, d, asked) => {
    const lengthMs = sql`(${d.epochMs(sql`ended`)} - ${d.epochMs(sql`began`)})`;
    // A session is where it began, whole: also with what it had after the range.
    return sql`
      select ${asked.window(sql`began`)} as window_start, count(*) as sessions,
             cast(sum(${lengthMs}) as double) / 60000 / count(*) as average_minutes, cast(max(${lengthMs}) as double) / 60000 as longest_minutes,
             cast(sum(pages) as double) / count(*) as average_pages, cast(sum(songs) as double) / count(*) as average_songs
      from (
        select ${views.session_id} as session_id, min(${views.ts}) as began, max(${views.ts}) as ended, count(*) as pages,
               sum(case when ${views.page} = 'NextSong' then 1 else 0 end) as songs
        from ${views} group by ${views.session_id}
      ) as s
      where ${asked.within(sql`began`)} group by 1`;
  },
});
