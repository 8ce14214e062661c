import { count, countDistinct, defineStream, defineView, int64, planStreams, text, timestamp, type StreamPlan } from "@millrace/core";

const plays = defineStream({
  topic: "listen_events",
  columns: { ts: timestamp("ms"), song: text(), artist: text(), state: text(), userId: int64() },
  eventTime: "ts",
});

const perMinute = { from: plays, every: "minute", measures: () => ({ plays: count() }) } as const;

/** Counts a minute; by song, by artist, by state; and distinct users a minute. */
export const fiveMinuteViews = [
  defineView({ ...perMinute, name: "plays_minute", by: [] }),
  defineView({ ...perMinute, name: "song_minute", by: ["song"] }),
  defineView({ ...perMinute, name: "artist_minute", by: ["artist"] }),
  defineView({ ...perMinute, name: "state_minute", by: ["state"] }),
  defineView({ from: plays, every: "minute", name: "users_minute", by: [], measures: (c) => ({ users: countDistinct(c.userId) }) }),
];

/** As the layers take them. */
export const fiveViews = fiveMinuteViews.map(({ definition }) => definition);

export const fiveViewsPlan: StreamPlan = planStreams(fiveViews)[0]!;
