import type { Clock, EventLog, FileSystem, ViewStore } from "@millrace/core";
import { duckdbEngine } from "@millrace/batch-layer/duckdb";
import { createServing } from "@millrace/serving-layer";
import { fiveMinuteViews } from "../decode-fold/five-views.js";
import { rowTotals, type Totals } from "../decode-fold/totals.js";

/** What the five views answer over all time, added up. Answers are complete, or refused. */
export async function servedTotals({ log, store, files, clock }: { readonly log: EventLog; readonly store: ViewStore; readonly files: FileSystem; readonly clock: Clock }): Promise<Totals> {
  const engine = duckdbEngine({ files });
  const serving = createServing({ log, store, files, engine, clock, views: fiveMinuteViews, maxRows: 10_000_000 });
  const ever = { from: 0, until: Date.UTC(2100, 0, 1) };
  const counts = async (view: "plays_minute" | "song_minute" | "artist_minute" | "state_minute") => {
    const { rows, envelope } = await serving.query(view, ever);
    if (!envelope.complete || envelope.behind > 0) throw new Error(`asking view "${view}": ${envelope.behind} records are missing`);
    return rowTotals(rows.map(({ plays }) => plays));
  };
  const users = await serving.query("users_minute", ever);
  const totals: Totals = {
    minute: await counts("plays_minute"),
    song: await counts("song_minute"),
    artist: await counts("artist_minute"),
    state: await counts("state_minute"),
    users: users.rows.map((row) => row.users),
    sketched: true,
  };
  await serving.close();
  await engine.close();
  return totals;
}
