import { count, defineView, sum } from "millrace";
import { listenEvents } from "../streams/listen-events.js";

/** Plays to the second, by song and place: about a row a play. What the minute's views tell, they tell with fewer rows. */
export const playsSecond = defineView({
  name: "plays_second",
  from: listenEvents,
  by: ["artist", "song", "state", "city"],
  every: "second",
  measures: (c) => ({ plays: count(), seconds: sum(c.duration) }),
});
