import { createLambda } from "millrace";
import { deploymentOf } from "../../platforms/deployment.js";
import { authEvents } from "../../streams/auth-events.js";
import { listenEvents } from "../../streams/listen-events.js";
import { pageViewEvents } from "../../streams/page-view-events.js";
import { statusChangeEvents } from "../../streams/status-change-events.js";
import { artistChartMinute } from "../../views/artist-chart-minute.js";
import { genderDistributionMinute } from "../../views/gender-distribution-minute.js";
import { listenCountMinute } from "../../views/listen-count-minute.js";
import { userActivityMinute } from "../../views/user-activity-minute.js";

/** The example in a small form: a view or two of each topic, no warehouse, and segments that are full in no time. */
export const createSmallMusicEvents = (environment: Readonly<Record<string, string | undefined>>) =>
  createLambda({
    views: [listenCountMinute, artistChartMinute, userActivityMinute, genderDistributionMinute],
    streams: [listenEvents, pageViewEvents, authEvents, statusChangeEvents],
    ...deploymentOf(environment, "./data"),
    grid: { segmentOffsets: 150 },
  });
