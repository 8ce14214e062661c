import { count, countDistinct, defineView, ratio } from "millrace";
import { authEvents } from "../streams/auth-events.js";

/** Logins, to the second. */
export const loginsSecond = defineView({
  name: "logins_second",
  from: authEvents,
  by: [],
  every: "second",
  measures: (c) => {
    const logins = count().where(c.success.eq(true));
    return { logins, failed: count().where(c.success.eq(false)), users: countDistinct(c.userId), successRate: ratio(logins, count()) };
  },
});
