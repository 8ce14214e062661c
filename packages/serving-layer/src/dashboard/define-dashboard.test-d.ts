import { count, decimal, defineStream, defineView, int64, ratio, sum, text, timestamp } from "@millrace/core";
import type { Dashboard } from "./dashboard.js";
import { defineDashboard } from "./define-dashboard.js";

const plays = defineStream({
  topic: "listen_events",
  columns: { ts: timestamp("ms"), song: text().optional(), artist: text(), duration: decimal(5), userId: int64("bigint").optional() },
  eventTime: "ts",
});
const songChart = defineView({
  name: "song_chart", from: plays, where: (c) => c.song.isNotNull(), by: ["song", "artist"], every: "minute",
  measures: (c) => ({ plays: count(), seconds: sum(c.duration), mean: ratio(sum(c.duration), count()) }),
});
const users = defineView({ name: "users", from: plays, by: ["userId"], every: "hour", measures: () => ({ events: count() }) });

export const namesAreThoseOfTheViews: Dashboard = defineDashboard({
  title: "Music",
  lastMs: 3_600_000,
  panels: [
    { kind: "time", title: "Plays", view: songChart, measure: ["plays", "seconds"], where: { artist: ["A", "B"] } },
    { kind: "time", title: "Plays by artist", view: songChart, measure: "plays", stack: { by: "artist", limit: 4 } },
    { kind: "top", title: "Songs", view: songChart, by: ["song", "artist"], measure: "plays", also: ["mean"] },
    { kind: "pie", title: "Users", view: users, by: ["userId"], measure: "events", where: { userId: [1n, null] } },
    { kind: "trend", title: "Events", view: users, measure: "events" },
    { kind: "bars", title: "Artists", view: songChart, by: "artist", measure: "plays", split: { by: "song", limit: 2 }, style: "grouped", direction: "across", since: "day" },
  ],
});

export function whatDoesNotCompile(): void {
  // @ts-expect-error "events" is a measure of another view
  defineDashboard({ title: "x", panels: [{ kind: "number", title: "x", view: users, measure: "events" }, { kind: "number", title: "x", view: songChart, measure: "events" }] });
  // @ts-expect-error "artists" is no dimension
  defineDashboard({ title: "x", panels: [{ kind: "top", title: "x", view: songChart, by: ["artists"], measure: "plays" }] });
  // @ts-expect-error a song is a text
  defineDashboard({ title: "x", panels: [{ kind: "number", title: "x", view: songChart, measure: "plays", where: { song: 7 } }] });
  // @ts-expect-error "genre" is no dimension
  defineDashboard({ title: "x", panels: [{ kind: "bars", title: "x", view: songChart, by: "artist", measure: "plays", split: { by: "genre" } }] });
  // @ts-expect-error there is no such kind
  defineDashboard({ title: "x", panels: [{ kind: "gauge", title: "x", view: songChart, measure: "plays" }] });
}
