import { expect, it } from "vitest";
import { dashboard } from "./dashboard.js";

it("has the nine charts of the reference pipeline's dashboard, from its views", () => {
  expect(dashboard.panels.map(({ title, kind, view }) => [title, kind, view])).toEqual([
    ["Logins today", "number", "logins_second"],
    ["Streams", "trend", "listen_count_minute"],
    ["Plays per minute", "time", "listen_count_minute"],
    ["Activity by state", "map", "user_activity_minute"],
    ["Plan by gender", "bars", "gender_distribution_minute"],
    ["Song chart", "top", "song_chart_minute"],
    ["Top artists", "bars", "artist_chart_minute"],
    ["Gender", "pie", "gender_distribution_minute"],
    ["Plan", "pie", "gender_distribution_minute"],
  ]);
  // Today is the calendar's, and the trend compares an hour with the one before.
  expect(dashboard.panels.slice(0, 2)).toMatchObject([{ since: "day", measure: "logins" }, { lastMs: 3_600_000, measure: "plays" }]);
});
