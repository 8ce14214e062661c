import { defineQuestion, float64, int64, sql } from "millrace";
import { factListen } from "../warehouse/fact-listen.js";

export const averageSongsPerSession = defineQuestion({
  name: "average_songs_per_session",
  doc: "How many songs were played on average in the sessions in which any were. A session that goes on in the next window counts in both.",
  from: { listens: factListen },
  columns: { plays: int64(), sessions: int64(), average: float64() },
  granularity: "day",
  sql: ({ listens }, _, asked) => sql`
    select ${asked.window(listens.ts)} as window_start, count(*) as plays, count(distinct ${listens.session_id}) as sessions,
           cast(count(*) as double) / count(distinct ${listens.session_id}) as average
    from ${listens} where ${asked.within(listens.ts)} group by 1`,
});
