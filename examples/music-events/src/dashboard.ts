import { defineDashboard } from "millrace";
import { artistChartMinute } from "./views/artist-chart-minute.js";
import { genderDistributionMinute } from "./views/gender-distribution-minute.js";
import { listenCountMinute } from "./views/listen-count-minute.js";
import { loginsSecond } from "./views/logins-second.js";
import { songChartMinute } from "./views/song-chart-minute.js";
import { userActivityMinute } from "./views/user-activity-minute.js";

const HOUR_MS = 3_600_000;

/** What the live page shows. */
export const dashboard = defineDashboard({
  title: "Music events",
  panels: [
    { kind: "number", title: "Logins today", view: loginsSecond, measure: "logins", since: "day", size: "half" },
    { kind: "trend", title: "Streams", view: listenCountMinute, measure: "plays", lastMs: HOUR_MS, size: "half" },
    { kind: "time", title: "Plays per minute", view: listenCountMinute, measure: "plays", stack: "layers", style: "lines" },
    { kind: "map", title: "Activity by state", view: userActivityMinute, by: "state", measure: "views" },
    { kind: "bars", title: "Plan by gender", view: genderDistributionMinute, by: "gender", measure: "logins", split: { by: "level" }, style: "stacked", size: "third" },
    { kind: "top", title: "Song chart", view: songChartMinute, by: ["song", "artist"], measure: "plays" },
    { kind: "bars", title: "Top artists", view: artistChartMinute, by: "artist", measure: "plays", direction: "across" },
    { kind: "pie", title: "Gender", view: genderDistributionMinute, by: ["gender"], measure: "logins", size: "half" },
    { kind: "pie", title: "Plan", view: genderDistributionMinute, by: ["level"], measure: "logins", size: "half" },
  ],
});
