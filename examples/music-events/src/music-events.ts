import { createLambda, embedded, type Clock } from "millrace";
import { dashboard } from "./dashboard.js";
import type { Deployment } from "./platforms/deployment.js";
import { questions } from "./questions/questions.js";
import { authEvents } from "./streams/auth-events.js";
import { listenEvents } from "./streams/listen-events.js";
import { pageViewEvents } from "./streams/page-view-events.js";
import { statusChangeEvents } from "./streams/status-change-events.js";
import { artistChartMinute } from "./views/artist-chart-minute.js";
import { genderDistributionMinute } from "./views/gender-distribution-minute.js";
import { listenCountMinute } from "./views/listen-count-minute.js";
import { loginsSecond } from "./views/logins-second.js";
import { playsSecond } from "./views/plays-second.js";
import { songChartMinute } from "./views/song-chart-minute.js";
import { userActivityMinute } from "./views/user-activity-minute.js";
import { eventTables as tablesOfEvents } from "./warehouse/event-tables.js";
import { warehouse } from "./warehouse/warehouse.js";

export interface MusicEventsOptions {
  /** Default `./data`. */
  readonly dataDir?: string;
  /** Default: the one of the data directory, see `embedded`. */
  readonly clock?: Clock;
  /** Default: this machine, without servers. */
  readonly deployment?: Deployment;
  /** Also a table of the events of each topic, which takes the room of the master dataset once more. Default false. */
  readonly eventTables?: boolean;
}

/** The whole pipeline: on one laptop, or where the deployment says. */
export const createMusicEvents = ({ dataDir = "./data", clock, deployment = { platform: embedded(dataDir, clock ? { clock } : {}), outputs: [] }, eventTables = false }: MusicEventsOptions = {}) =>
  createLambda({
    views: [listenCountMinute, songChartMinute, artistChartMinute, userActivityMinute, genderDistributionMinute, loginsSecond, playsSecond],
    models: eventTables ? [...warehouse, ...tablesOfEvents] : warehouse,
    questions,
    streams: [listenEvents, pageViewEvents, authEvents, statusChangeEvents],
    dashboard,
    ...deployment,
    // A run without new segments costs a listing of manifests.
    batchEveryMs: 30_000,
  });
