import { defineQuestion, int64, sql, text } from "millrace";
import { dimUser } from "../warehouse/dim-user.js";
import { factAuth } from "../warehouse/fact-auth.js";
import { factListen } from "../warehouse/fact-listen.js";
import { factPageView } from "../warehouse/fact-page-view.js";

export const usersByGenderAndLevel = defineQuestion({
  name: "users_by_gender_and_level",
  doc: "How many different users did anything, by gender and level. Who had both levels in a window counts for each.",
  from: { listens: factListen, auths: factAuth, views: factPageView, users: dimUser },
  columns: { gender: text(), level: text(), users: int64() },
  granularity: "all",
  sql: ({ listens, auths, views, users }, _, asked) => {
    const [fromListens, fromAuths, fromViews] = ([listens, auths, views] as const).map((fact) => sql`
      select ${asked.window(fact.ts)} as window_start, ${fact.user_key} as user_key from ${fact} where ${asked.within(fact.ts)}`);
    return sql`
      select seen.window_start, ${users.gender} as gender, ${users.level} as level, count(distinct ${users.user_id}) as users
      from (${fromListens!} union ${fromAuths!} union ${fromViews!}) as seen join ${users} on ${users.user_key} = seen.user_key
      where ${users.user_id} is not null group by seen.window_start, ${users.gender}, ${users.level}`;
  },
});
