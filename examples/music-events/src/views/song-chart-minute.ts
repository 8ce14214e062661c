import { count, defineView, sum } from "millrace";
import { listenEvents } from "../streams/listen-events.js";

/** Plays of each song; two artists' songs of one title are two songs. */
export const songChartMinute = defineView({
  name: "song_chart_minute",
  from: listenEvents,
  by: ["song", "artist"],
  every: "minute",
  measures: (c) => ({ plays: count(), seconds: sum(c.duration) }),
});
