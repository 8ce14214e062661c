import { createHash } from "node:crypto";
import type { createMusicEvents } from "../music-events.js";
import { artistChartMinute } from "../views/artist-chart-minute.js";
import { genderDistributionMinute } from "../views/gender-distribution-minute.js";
import { listenCountMinute } from "../views/listen-count-minute.js";
import { loginsSecond } from "../views/logins-second.js";
import { songChartMinute } from "../views/song-chart-minute.js";
import { userActivityMinute } from "../views/user-activity-minute.js";

/** Where a trap is on, events bear times of a clock that is ahead of the one they are sent by. */
const CLOCK_ERROR_MS = 24 * 3_600_000;

/** SHA-256 (hex) over the whole answer of every view, by hour where the view is large. */
export async function answersDigest(lambda: ReturnType<typeof createMusicEvents>, untilMs: number, signal: AbortSignal): Promise<string> {
  const range = { from: new Date(Date.UTC(2020, 0, 1)), until: new Date(Math.ceil((untilMs + CLOCK_ERROR_MS + 1) / 3_600_000) * 3_600_000), orderBy: "window asc" as const };
  const answers = [
    await lambda.query(listenCountMinute, { ...range, granularity: "minute" }, signal),
    await lambda.query(songChartMinute, { ...range, granularity: "hour" }, signal),
    await lambda.query(artistChartMinute, { ...range, granularity: "hour" }, signal),
    await lambda.query(userActivityMinute, { ...range, granularity: "minute" }, signal),
    await lambda.query(genderDistributionMinute, { ...range, granularity: "minute" }, signal),
    await lambda.query(loginsSecond, { ...range, granularity: "second" }, signal),
  ];
  const hash = createHash("sha256");
  for (const { rows } of answers) hash.update(JSON.stringify(rows));
  return hash.digest("hex");
}
