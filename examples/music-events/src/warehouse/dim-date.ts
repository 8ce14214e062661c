import { boolean, defineModel, int64, sql, text } from "millrace";
import { authEvents } from "../streams/auth-events.js";
import { listenEvents } from "../streams/listen-events.js";
import { pageViewEvents } from "../streams/page-view-events.js";
import { dateKey, dayNumber } from "./utc-calendar.js";

/** Every date (UTC) on which something happened. Weeks are ISO weeks, from Monday, of `week_year`. */
export const dimDate = defineModel({
  name: "dim_date",
  from: { listens: listenEvents, auths: authEvents, views: pageViewEvents },
  columns: {
    date_key: int64(),
    calendar_date: text(),
    year: int64(),
    quarter: int64(),
    month: int64(),
    day: int64(),
    week_year: int64(),
    week: int64(),
    /** 1 is Monday. */
    day_of_week: int64(),
    is_weekend: boolean(),
  },
  key: ["date_key"],
  partitioned: "date",
  sql: ({ listens, auths, views }, d) => {
    const date = d.dateOf(d.instant(sql`n * 86400000`));
    const thursday = d.dateOf(d.instant(sql`(n - (((n + 3) % 7) + 7) % 7 + 3) * 86400000`));
    const dayOfWeek = sql`(((n + 3) % 7) + 7) % 7 + 1`;
    return sql`
      select ${dateKey(date)} as date_key, ${date} as calendar_date,
             extract(year from ${date}) as year, extract(quarter from ${date}) as quarter, extract(month from ${date}) as month, extract(day from ${date}) as day,
             extract(year from ${thursday}) as week_year, cast(floor((extract(doy from ${thursday}) - 1) / 7) as bigint) + 1 as week,
             ${dayOfWeek} as day_of_week, ${dayOfWeek} > 5 as is_weekend
      from (
        select ${dayNumber(d.epochMs(listens.ts))} as n from ${listens}
        union select ${dayNumber(d.epochMs(auths.ts))} as n from ${auths}
        union select ${dayNumber(d.epochMs(views.ts))} as n from ${views}
      ) as days`;
  },
});
