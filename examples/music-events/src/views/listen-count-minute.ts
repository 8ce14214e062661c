import { count, countDistinct, defineView, sum } from "millrace";
import { listenEvents } from "../streams/listen-events.js";

/** Songs played. */
export const listenCountMinute = defineView({
  name: "listen_count_minute",
  from: listenEvents,
  by: [],
  every: "minute",
  measures: (c) => ({ plays: count(), seconds: sum(c.duration), listeners: countDistinct(c.userId) }),
});
