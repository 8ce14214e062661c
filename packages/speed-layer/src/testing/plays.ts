import { count, decimal, defineStream, defineView, int64, max, sum, text, timestamp } from "@millrace/core";

/** The stream that this package's tests read. */
export const plays = defineStream({
  topic: "plays",
  columns: { at: timestamp("ms"), user: int64(), song: text().optional(), seconds: decimal(2) },
  eventTime: "at",
});

/** Filters, and has a dimension of text. */
export const songs = defineView({
  name: "songs",
  from: plays,
  where: (c) => c.song.isNotNull(),
  by: ["song"],
  every: "minute",
  measures: (c) => ({ plays: count(), seconds: sum(c.seconds) }),
});

/** Takes every event; its dimension is a number, its measure an extreme. */
export const users = defineView({
  name: "users",
  from: plays,
  by: ["user"],
  every: "hour",
  measures: (c) => ({ plays: count(), longest: max(c.seconds) }),
});

export const views = [songs.definition, users.definition];

/** One record's value. */
export function playOf(play: { readonly at: number; readonly user: number; readonly song: string | null; readonly seconds: number }): string {
  return JSON.stringify(play);
}
