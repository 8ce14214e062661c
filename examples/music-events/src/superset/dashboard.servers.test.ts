import { runOnPresto } from "@millrace/servers";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import path from "node:path";
import { afterAll, beforeAll, expect, inject, it, onTestFinished } from "vitest";
import { launchBrowser } from "../../../../scripts/browser.mjs";
import type { BundleSource } from "./bundle.js";
import { liveDashboard } from "./live-dashboard.js";
import { setUpSuperset } from "./set-up-superset.js";
import { SupersetRest } from "./superset-rest.js";
import { foldChart, inOrder } from "./testing/fold-chart.js";
import { openDashboard } from "./testing/open-dashboard.js";
import { createTable, madeUpRows } from "./testing/made-up-views.js";

const presto = inject("presto");
const superset = inject("superset");
const schema = `superset_${process.pid}_${Date.now().toString(36)}`;
const source: BundleSource = { uri: `presto://millrace@${presto.host}:${presto.port}/memory`, schema };
const charts = liveDashboard.rows.flatMap((row) => row.charts.map(([, chart]) => chart));
const datasets = [...new Map(charts.map(({ dataset }) => [dataset.name, dataset])).values()];
const rows = madeUpRows(Date.now());
const run = (sql: string): ReturnType<typeof runOnPresto> => runOnPresto(presto, sql, AbortSignal.timeout(120_000));

beforeAll(async () => {
  await run(`CREATE SCHEMA memory.${schema}`);
  for (const dataset of datasets) await run(createTable(`memory.${schema}`, dataset, rows[dataset.name]!));
});
afterAll(async () => {
  for (const { name } of datasets) await run(`DROP TABLE IF EXISTS memory.${schema}.${name}`);
  await run(`DROP SCHEMA memory.${schema}`);
});

it("each of the nine charts shows what the rows of its view give, and an import replaces what the one before has brought", async () => {
  const rest = await SupersetRest.login(superset);
  // Nothing is there yet: the dashboard can be put there before the first generation.
  expect(await setUpSuperset(superset, { ...source, schema: "nowhere" })).toEqual({ dashboards: [`${superset.url}/superset/dashboard/music-events/`], missing: datasets.map(({ name }) => name).sort() });
  const ids = await rest.charts("music-events");
  expect(Object.keys(ids).sort()).toEqual(charts.map(({ title }) => title).sort());
  await expect(rest.chartData(ids["Listen Count"]!)).rejects.toThrow(/Schema nowhere does not exist|nowhere.listen_count_minute does not exist/);

  expect((await setUpSuperset(superset, source)).missing).toEqual([]);
  expect(await rest.charts("music-events")).toEqual(ids);
  for (const chart of charts) {
    const shown = await rest.chartData(ids[chart.title]!);
    const expected = foldChart(chart, rows[chart.dataset.name]!, shown);
    expect(expected.length, chart.title).toBeGreaterThan(0);
    expect({ title: chart.title, rows: inOrder(shown.data) }).toEqual({ title: chart.title, rows: inOrder(expected) });
    if (chart.mostFirst) expect(shown.data.map((row) => row[chart.metric])).toEqual(expected.map((row) => row[chart.metric] as number).sort((a, b) => b - a));
  }
});

it("a browser draws all nine", async () => {
  await setUpSuperset(superset, source);
  const browser = await launchBrowser();
  onTestFinished(() => browser.close());
  const page = await browser.newPage({ viewport: { width: 1_440, height: 1_560 }, locale: "en-US", timezoneId: "UTC" });
  const { charts: drawn, errors, text } = await openDashboard(page, superset, "music-events");
  expect({ drawn, errors }).toEqual({ drawn: 9, errors: [] });
  for (const { title } of charts) expect(text).toContain(title);
  const songs = charts.find(({ title }) => title === "Song Chart")!;
  const [most] = [...foldChart(songs, rows["song_chart_minute"]!, { from_dttm: null, to_dttm: null })].sort((a, b) => Number(b["plays"]) - Number(a["plays"]));
  expect(text).toContain(`${most!["song"]}\t${most!["artist"]}`);
  const pictures = process.env["MILLRACE_PICTURES"];
  if (pictures !== undefined) await page.screenshot({ path: path.join(pictures, "superset.png") });
});

it("says why Superset takes no dashboards", async () => {
  await expect(setUpSuperset({ ...superset, password: "wrong" }, source)).rejects.toMatchObject({ code: "SUPERSET_REFUSED", status: 401, advice: expect.stringContaining("MILLRACE_SUPERSET_PASSWORD") as string });
  const closed = createServer().listen(0, "127.0.0.1");
  await once(closed, "listening");
  const { port } = closed.address() as AddressInfo;
  closed.close();
  await expect(setUpSuperset({ ...superset, url: `http://127.0.0.1:${port}` }, source)).rejects.toMatchObject({ code: "SUPERSET_UNREACHABLE", retryable: true });
  await expect(setUpSuperset(superset, { ...source, uri: `presto://millrace@127.0.0.1:${port}/hive` })).rejects.toThrow(/^having Superset try the database "presto:.*": HTTP 400: .*Connection refused/s);
});
