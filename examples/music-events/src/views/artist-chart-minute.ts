import { count, countDistinct, defineView } from "millrace";
import { listenEvents } from "../streams/listen-events.js";

/** Plays of each artist. */
export const artistChartMinute = defineView({
  name: "artist_chart_minute",
  from: listenEvents,
  by: ["artist"],
  every: "minute",
  measures: (c) => ({ plays: count(), listeners: countDistinct(c.userId) }),
});
