import { hiveCatalog, hiveEngine } from "@millrace/batch-layer/hive";
import { simulatedClock } from "@millrace/core";
import { runOnPresto } from "@millrace/servers";
import { prestoEngine } from "@millrace/serving-layer/presto";
import { cassandraStore } from "@millrace/speed-layer/cassandra";
import { Client } from "cassandra-driver";
import { createLambda, embedded, type AnyView } from "millrace";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect, inject, it, onTestFinished } from "vitest";
import { runSimulate } from "../simulate/run-simulate.js";
import type { SimulatedEvent } from "../simulator/index.js";
import { artistChartMinute } from "../views/artist-chart-minute.js";
import { genderDistributionMinute } from "../views/gender-distribution-minute.js";
import { listenCountMinute } from "../views/listen-count-minute.js";
import { loginsSecond } from "../views/logins-second.js";
import { songChartMinute } from "../views/song-chart-minute.js";
import { userActivityMinute } from "../views/user-activity-minute.js";
import { TIME_COLUMN } from "./dataset.js";
import { liveDashboard } from "./live-dashboard.js";
import { setUpSuperset } from "./set-up-superset.js";
import { SupersetRest } from "./superset-rest.js";
import { foldChart, inOrder } from "./testing/fold-chart.js";
import type { ViewRow } from "./testing/made-up-views.js";

const HOUR_MS = 3_600_000;
const never = new AbortController().signal;

it("charts over merged views, batch rows and speed rows together, show what the lambda answers", { timeout: 900_000 }, async () => {
  const [cassandra, presto, superset] = [inject("cassandra"), inject("presto"), inject("superset")];
  const name = `charts_${process.pid}_${Date.now().toString(36)}`;
  const root = mkdtempSync(path.join(os.tmpdir(), "millrace-charts-"));
  const nowMs = Date.now();
  const clock = simulatedClock(nowMs - 3 * HOUR_MS);
  const local = embedded(root, { clock });
  const spark = hiveEngine({ files: local.files, ...inject("spark") });
  const sql = prestoEngine({ ...presto, catalog: "hive", schema: name });
  const lambda = createLambda<AnyView>({
    views: [listenCountMinute, songChartMinute, artistChartMinute, userActivityMinute, genderDistributionMinute, loginsSecond],
    platform: {
      ...local,
      store: cassandraStore({ ...cassandra, keyspace: name, replication: { [cassandra.localDataCenter]: 1 }, clock }),
      engine: spark,
      catalog: hiveCatalog({ files: local.files, engine: spark, database: name, settleMs: 4_000 }),
      mergedViews: { engine: sql, catalog: "hive", schema: `${name}_serving`, tables: name, speedCatalog: "cassandra", aheadMs: 12 * HOUR_MS },
    },
    grid: { segmentOffsets: 4_000, segmentMs: 300_000 },
    sealGuardMs: 1_000,
    flushMinMs: 0,
  });
  const client = new Client({ contactPoints: [...cassandra.contactPoints], localDataCenter: cassandra.localDataCenter, protocolOptions: { port: cassandra.port } });
  const stop = new AbortController();
  for (const topic of ["listen_events", "page_view_events", "auth_events", "status_change_events"]) await local.log.createTopic(topic, { partitions: 1 }, never);
  const speed = lambda.speed({ signal: stop.signal });
  onTestFinished(async () => {
    stop.abort();
    await speed;
    for (const { name: view } of lambda.definitions.views) await runOnPresto(presto, `DROP VIEW IF EXISTS hive.${name}_serving.${view}`, AbortSignal.timeout(60_000));
    for await (const _block of (await spark.query(`DROP DATABASE IF EXISTS ${name} CASCADE`, never)).blocks);
    await client.execute(`DROP KEYSPACE IF EXISTS ${name}`);
    await client.shutdown();
    await lambda.close();
    rmSync(root, { recursive: true });
  });
  const simulate = async (startMs: number, untilMs: number, seed: number): Promise<void> => {
    const waiting = new Map<string, SimulatedEvent[]>();
    const target = {
      hasRoomFor: () => true,
      add: (event: SimulatedEvent) => void waiting.set(event.topic, [...(waiting.get(event.topic) ?? []), event]),
      flush: () => Promise.resolve(),
      close: () => Promise.resolve(),
    };
    await runSimulate({ options: { seed, users: 1_500, startMs, traps: [] }, untilMs, target, clock: undefined, onProgress: () => {} }, never);
    for (const [topic, events] of waiting) await local.log.append(topic, events.map(({ value }) => ({ partition: 0, value })), never);
  };

  await simulate(nowMs - 25 * HOUR_MS, nowMs - HOUR_MS, 5);
  await lambda.caughtUp();
  await clock.advance(320_000);
  await lambda.layers.ingest().drain(never);
  expect(await lambda.batch.run()).toMatchObject({ number: 1 });
  await simulate(nowMs - 2 * HOUR_MS, nowMs, 6);
  await lambda.caughtUp();

  // Presto's driver hears of new tables of Cassandra a second later.
  await expect.poll(async () => (await setUpSuperset(superset, { uri: `presto://millrace@${presto.host}:${presto.port}/hive`, schema: `${name}_serving` })).missing).toEqual([]);
  const rest = await SupersetRest.login(superset);
  const ids = await rest.charts("music-events");
  const ask = lambda.query as unknown as (view: string, query: object) => Promise<{ readonly rows: readonly (Readonly<Record<string, string | number>> & { readonly window: Date | number })[]; readonly envelope: { readonly generation: number } }>;
  for (const [, chart] of liveDashboard.rows.flatMap(({ charts }) => charts)) {
    const { rows, envelope } = await ask(chart.dataset.name, { from: new Date(nowMs - 48 * HOUR_MS), until: new Date(nowMs + HOUR_MS) });
    expect(envelope.generation).toBe(1);
    const answered = rows.map((row) => ({ ...row, [TIME_COLUMN]: Number(row.window) }) as unknown as ViewRow);
    const shown = await rest.chartData(ids[chart.title]!);
    const expected = foldChart(chart, answered, shown);
    expect(expected.length, chart.title).toBeGreaterThan(0);
    // A table shows its first hundred rows.
    const most = chart.mostFirst ? [...expected].sort((a, b) => Number(b[chart.metric]) - Number(a[chart.metric])).slice(0, chart.rowLimit) : expected;
    if (expected.length <= chart.rowLimit) expect({ title: chart.title, rows: inOrder(shown.data) }).toEqual({ title: chart.title, rows: inOrder(expected) });
    else expect({ title: chart.title, plays: shown.data.map((row) => row[chart.metric]) }).toEqual({ title: chart.title, plays: most.map((row) => row[chart.metric]) });
  }
});
