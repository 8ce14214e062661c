import { defineQuestion, int64, sql } from "millrace";
import { dimUser } from "../warehouse/dim-user.js";
import { factAuth } from "../warehouse/fact-auth.js";

export const loggedInUsers = defineQuestion({
  name: "logged_in_users",
  doc: "How many different users logged in.",
  from: { auths: factAuth, users: dimUser },
  columns: { users: int64() },
  granularity: "day",
  sql: ({ auths, users }, _, asked) => sql`
    select ${asked.window(auths.ts)} as window_start, count(distinct ${users.user_id}) as users
    from ${auths} join ${users} on ${users.user_key} = ${auths.user_key}
    where ${asked.within(auths.ts)} and ${auths.success} group by 1`,
});
