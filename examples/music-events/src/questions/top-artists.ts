import { defineQuestion } from "millrace";
import { artistChartMinute } from "../views/artist-chart-minute.js";
import { playsSecond } from "../views/plays-second.js";

export const topArtists = defineQuestion({
  name: "top_artists",
  doc: "The artists who were played most.",
  views: [artistChartMinute, playsSecond],
  by: ["artist"],
  measures: ["plays"],
  orderBy: "plays desc",
  limit: 10,
  granularity: "day",
});
