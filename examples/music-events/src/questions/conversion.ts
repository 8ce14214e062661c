import { defineQuestion, float64, int64, sql } from "millrace";
import { dimUser } from "../warehouse/dim-user.js";
import { factPageView } from "../warehouse/fact-page-view.js";

export const conversion = defineQuestion({
  name: "conversion",
  doc: "How many users went from free to paid, of how many who came as free users.",
  from: { views: factPageView, users: dimUser, versions: dimUser },
  columns: { free_users: int64(), converted: int64(), rate: float64().optional() },
  granularity: "month",
  sql: ({ views, users, versions }, _, asked) => sql`
    select window_start, sum(free_users) as free_users, sum(converted) as converted, cast(sum(converted) as double) / nullif(sum(free_users), 0) as rate
    from (
      select ${asked.window(views.ts)} as window_start, count(distinct ${users.user_id}) as free_users, 0 as converted
      from ${views} join ${users} on ${users.user_key} = ${views.user_key}
      where ${asked.within(views.ts)} and ${users.level} = 'free' and ${users.user_id} is not null group by 1
      union all
      select ${asked.window(versions.valid_from)} as window_start, 0 as free_users, count(distinct ${versions.user_id}) as converted
      from ${versions} where ${versions.previous_level} = 'free' and ${versions.level} = 'paid' and ${asked.within(versions.valid_from)} group by 1
    ) as both_sides
    group by window_start`,
});
