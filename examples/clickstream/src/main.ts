// An afternoon of clicks through all three layers, on this machine: npm start -w examples/clickstream
import { clicks, clickstream, funnel, sessions, traffic } from "./clickstream.js";

const stop = new AbortController();
const layers = clickstream.dev({ signal: stop.signal });
const from = new Date("2026-03-01T12:00:00Z");
const pages = ["/", "/", "/pricing", "/docs", "/buy"];

for (let visitor = 0; visitor < 300; visitor++) {
  const visit = { id: `s${visitor}`, country: visitor % 3 === 0 ? "DE" : "US", ...(visitor % 4 === 0 ? { user: { id: visitor } } : {}) };
  const seen = pages.slice(0, 1 + (visitor % 5)).map((page, i) => ({
    event: { time: new Date(from.getTime() + visitor * 45_000 + i * 20_000), kind: page === "/buy" ? "purchase" : "view" },
    session: visit,
    page: { path: page },
    timing: { loadMs: 80 + ((visitor * 37) % 400) },
  }));
  await clickstream.append(clicks, seen);
}
await clickstream.caughtUp();

const range = { from, until: new Date(from.getTime() + 6 * 3_600_000) };
const top = await clickstream.query(traffic, { ...range, granularity: "hour", by: ["page"], orderBy: "views desc", limitPerWindow: 2 });
console.table(top.rows);
console.table((await clickstream.query(funnel, { ...range, granularity: "all" })).rows);
stop.abort();
await layers;

// The warehouse has what is sealed: up to the last whole segment of each partition.
await clickstream.ingest({ signal: AbortSignal.timeout(3_000) });
const run = await clickstream.batch.run();
console.log("unchanged" in run ? "nothing new is sealed" : `generation ${run.number}`);
let bought = 0;
for await (const session of clickstream.table(sessions)) bought += session.bought;
console.log(`${bought} purchases in the table of sessions`);
await clickstream.close();
