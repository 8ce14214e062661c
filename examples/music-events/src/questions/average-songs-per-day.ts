import { defineQuestion, float64, int64, sql } from "millrace";
import { factListen } from "../warehouse/fact-listen.js";

export const averageSongsPerDay = defineQuestion({
  name: "average_songs_per_day",
  doc: "How many songs were played on average on the days (of the zone) on which any were.",
  from: { listens: factListen },
  columns: { plays: int64(), days: int64(), average: float64() },
  granularities: ["day", "week", "month", "year", "all"],
  granularity: "month",
  sql: ({ listens }, _, asked) => {
    const day = asked.window(listens.ts, "day");
    return sql`
      select ${asked.window(listens.ts)} as window_start, count(*) as plays, count(distinct ${day}) as days, cast(count(*) as double) / count(distinct ${day}) as average
      from ${listens} where ${asked.within(listens.ts)} group by 1`;
  },
});
