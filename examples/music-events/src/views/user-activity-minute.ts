import { count, countDistinct, defineView } from "millrace";
import { pageViewEvents } from "../streams/page-view-events.js";

/** Page views in each US state. */
export const userActivityMinute = defineView({
  name: "user_activity_minute",
  from: pageViewEvents,
  by: ["state"],
  every: "minute",
  measures: (c) => ({ views: count(), sessions: countDistinct(c.sessionId) }),
});
