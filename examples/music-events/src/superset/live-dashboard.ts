import { artistChartMinute } from "../views/artist-chart-minute.js";
import { genderDistributionMinute } from "../views/gender-distribution-minute.js";
import { listenCountMinute } from "../views/listen-count-minute.js";
import { loginsSecond } from "../views/logins-second.js";
import { songChartMinute } from "../views/song-chart-minute.js";
import { userActivityMinute } from "../views/user-activity-minute.js";
import { area, pie, stackedBars, topTable, total, trend, usaMap } from "./chart.js";
import type { Dashboard } from "./dashboard.js";
import { dataset } from "./dataset.js";

// region datasets
const logins = dataset(loginsSecond, { counts: ["logins", "failed"], distinct: ["users"] });
const listens = dataset(listenCountMinute, { counts: ["plays"], distinct: ["listeners"] });
const songs = dataset(songChartMinute, { counts: ["plays"] });
const artists = dataset(artistChartMinute, { counts: ["plays"], distinct: ["listeners"] });
const activity = dataset(userActivityMinute, { counts: ["views"], distinct: ["sessions"], columns: { state_code: (dimension) => `'US-' || ${dimension("state")}` } });
const genders = dataset(genderDistributionMinute, { counts: ["logins"] });
// endregion

/** The nine charts of the reference pipeline's dashboard, each from the merged view of the same name. */
export const liveDashboard: Dashboard = {
  title: "Music events",
  slug: "music-events",
  refreshS: 60,
  rows: [
    {
      height: 30,
      charts: [
        [3, total({ title: "Today User Login", dataset: logins, metric: "logins", timeRange: "Current day", subtitle: "logins" })],
        // The hour that goes on is no match for a whole one.
        [3, trend({ title: "Number of Streams", dataset: listens, metric: "plays", timeRange: "DATETRUNC(DATEADD(DATETIME('now'), -1, day), hour) : DATETRUNC(DATETIME('now'), hour)", grain: "PT1H", comparedTo: "compared to the hour before" })],
        [6, area({ title: "Listen Count", dataset: listens, metric: "plays", timeRange: "DATEADD(DATETIME('now'), -3, hour) : now", grain: "PT1M" })],
      ],
    },
    {
      height: 60,
      charts: [
        [8, usaMap({ title: "User Activity by State", dataset: activity, metric: "views", code: "state_code" })],
        [4, stackedBars({ title: "User Plan by Gender", dataset: genders, metric: "logins", by: "gender", split: "level" })],
      ],
    },
    {
      height: 50,
      charts: [
        [6, topTable({ title: "Song Chart", dataset: songs, metric: "plays", columns: ["song", "artist"] })],
        [6, topTable({ title: "Top Artist", dataset: artists, metric: "plays", columns: ["artist"] })],
      ],
    },
    {
      height: 40,
      charts: [
        [6, pie({ title: "Gender Distribution", dataset: genders, metric: "logins", by: "gender" })],
        [6, pie({ title: "User Plan Distribution", dataset: genders, metric: "logins", by: "level" })],
      ],
    },
  ],
};
