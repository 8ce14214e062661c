import { defineQuestion, float64, int64, sql } from "millrace";
import { dimUser } from "../warehouse/dim-user.js";
import { factListen } from "../warehouse/fact-listen.js";

export const averageSongsPerUser = defineQuestion({
  name: "average_songs_per_user",
  doc: "How many songs those who listened played on average. A user whose level changed is one user.",
  from: { listens: factListen, users: dimUser },
  columns: { plays: int64(), users: int64(), average: float64() },
  granularity: "day",
  sql: ({ listens, users }, _, asked) => sql`
    select ${asked.window(listens.ts)} as window_start, count(*) as plays, count(distinct ${users.user_id}) as users,
           cast(count(*) as double) / count(distinct ${users.user_id}) as average
    from ${listens} join ${users} on ${users.user_key} = ${listens.user_key}
    where ${asked.within(listens.ts)} and ${users.user_id} is not null group by 1`,
});
