import { defineQuestion } from "millrace";
import { listenCountMinute } from "../views/listen-count-minute.js";
import { playsSecond } from "../views/plays-second.js";

export const songsPlayed = defineQuestion({
  name: "songs_played",
  doc: "How many songs were played, and how many seconds they last together.",
  views: [listenCountMinute, playsSecond],
  by: [],
  measures: ["plays", "seconds"],
  granularity: "day",
});
