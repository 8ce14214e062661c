import { defineQuestion } from "millrace";
import { playsSecond } from "../views/plays-second.js";
import { songChartMinute } from "../views/song-chart-minute.js";

export const topSongs = defineQuestion({
  name: "top_songs",
  doc: "The songs that were played most.",
  views: [songChartMinute, playsSecond],
  by: ["artist", "song"],
  measures: ["plays"],
  orderBy: "plays desc",
  limit: 10,
  granularity: "day",
});
