import type { createMusicEvents } from "../music-events.js";
import { listenCountMinute } from "../views/listen-count-minute.js";
import { songChartMinute } from "../views/song-chart-minute.js";

type MusicEvents = ReturnType<typeof createMusicEvents>;

const MINUTE_MS = 60_000;

/** The tables of the live run: plays of the last minutes, and the songs played most in the last hour. */
export async function answersTable(lambda: MusicEvents, nowMs: number): Promise<string> {
  const until = new Date(Math.floor(nowMs / MINUTE_MS) * MINUTE_MS + MINUTE_MS);
  const since = (minutes: number) => new Date(until.getTime() - minutes * MINUTE_MS);
  const [plays, songs] = await Promise.all([
    lambda.query(listenCountMinute, { from: since(5), until, granularity: "minute", orderBy: "window asc" }),
    lambda.query(songChartMinute, { from: since(60), until, granularity: "all", orderBy: "plays desc", limit: 5 }),
  ]);
  const { generation } = plays.envelope;
  const lines = [
    "",
    `plays per minute (generation ${generation || "none yet"} merged with the speed layer)`,
    ...plays.rows.map((row) => `  ${row.window.toISOString().slice(11, 16)}  ${String(row.plays).padStart(6)}  ${String(row.listeners).padStart(6)} listeners`),
    "top songs of the last hour",
    ...songs.rows.map((row) => `  ${String(row.plays).padStart(6)}  ${row.song} · ${row.artist}`),
    "",
  ];
  return lines.join("\n");
}
