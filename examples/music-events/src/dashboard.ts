import { defineDashboard } from "millrace";
import { artistChartMinute } from "./views/artist-chart-minute.js";
import { genderDistributionMinute } from "./views/gender-distribution-minute.js";
import { listenCountMinute } from "./views/listen-count-minute.js";
import { loginsSecond } from "./views/logins-second.js";
import { songChartMinute } from "./views/song-chart-minute.js";
import { userActivityMinute } from "./views/user-activity-minute.js";

/** What the live page shows. */
export const dashboard = defineDashboard({
  title: "Music events",
  panels: [
    { kind: "trend", title: "Plays", view: listenCountMinute, measure: "plays" },
    { kind: "number", title: "Listeners", view: listenCountMinute, measure: "listeners" },
    { kind: "trend", title: "Logins", view: loginsSecond, measure: "logins" },
    { kind: "number", title: "Successful logins", view: loginsSecond, measure: "successRate", format: "percent" },
    { kind: "time", title: "Plays", view: listenCountMinute, measure: "plays", stack: "layers" },
    { kind: "top", title: "Top songs", view: songChartMinute, by: ["song", "artist"], measure: "plays" },
    { kind: "top", title: "Top artists", view: artistChartMinute, by: ["artist"], measure: "plays", also: ["listeners"] },
    { kind: "map", title: "Page views by state", view: userActivityMinute, by: "state", measure: "views" },
    { kind: "pie", title: "Logins by gender and level", view: genderDistributionMinute, by: ["gender", "level"], measure: "logins" },
    { kind: "time", title: "Logins", view: loginsSecond, measure: ["logins", "failed"], style: "lines" },
  ],
});
