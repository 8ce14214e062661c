import { runProgram, startAirflow } from "@millrace/servers";
import { writeSharedClock, type Generation } from "millrace";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { createMusicEvents } from "../music-events.js";
import { dumpLog } from "../oracle/log-dump.js";
import { siteAnswers } from "../oracle/site-answers.js";
import { siteEvents } from "../oracle/site-events.js";
import { openLog } from "../simulate/open-log.js";
import { runSimulate } from "../simulate/run-simulate.js";
import { AirflowRest, type DagRun } from "./airflow-rest.js";

const [FULL, INCREMENTAL] = ["batch_etl_full_load", "batch_etl_incremental_load"];
const AIRFLOW = fileURLToPath(new URL("../../airflow", import.meta.url));
const MILLRACE = fileURLToPath(new URL("../../../../packages/millrace/bin/millrace.js", import.meta.url));
const PROJECT = fileURLToPath(new URL("../..", import.meta.url));
const [DAY_MS, HOUR_MS] = [86_400_000, 3_600_000];
const never = new AbortController().signal;

interface Notice {
  readonly event: string;
  readonly dag: string;
  readonly task: string;
  readonly try: number;
  readonly interval_end: string | null;
}

it("the scheduler runs the full load, then three missed days in order, through failures, retries and a day that failed for good", { timeout: 600_000 }, async () => {
  const todayMs = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  const day = (daysAgo: number): number => todayMs - daysAgo * DAY_MS;
  const iso = (ms: number): string => new Date(ms).toISOString().replace(".000Z", "+00:00");
  const dataDir = mkdtempSync(path.join(tmpdir(), "millrace-airflow-data-"));
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true, maxRetries: 3 }));

  // Four days, and the layers that go on beside Airflow have had them.
  const target = await openLog(dataDir, day(4), false, never);
  await runSimulate({ options: { seed: 3, users: 250, startMs: day(4), traps: [] }, untilMs: todayMs, target, clock: undefined, onProgress: () => {} }, never);
  await target.close();
  writeSharedClock(dataDir, todayMs + 2 * HOUR_MS);
  await using lambda = createMusicEvents({ dataDir });
  const stop = new AbortController();
  const speed = lambda.speed({ signal: stop.signal });
  await lambda.caughtUp();
  stop.abort();
  await speed;
  await lambda.layers.ingest().drain(never);

  const notices: Notice[] = [];
  const hook = createServer((request, response) => {
    void textOf(request).then((text) => {
      notices.push(JSON.parse(text) as Notice);
      response.writeHead(204).end();
    });
  }).listen(0, "127.0.0.1");
  await once(hook, "listening");
  onTestFinished(() => void hook.close());

  await using airflow = await startAirflow({
    dagsDir: path.join(AIRFLOW, "dags"),
    env: {
      MILLRACE_DATA: dataDir,
      MILLRACE_START_DATE: iso(day(3)),
      MILLRACE_FULL_LOAD_UNTIL: iso(day(3)),
      MILLRACE_RETRIES: "1",
      MILLRACE_RETRY_DELAY_S: "1",
      MILLRACE_POKE_S: "10",
      MILLRACE_QUALITY_VIEWS: "listen_count_minute",
      MILLRACE_NOTIFY_URL: `http://127.0.0.1:${(hook.address() as AddressInfo).port}/`,
      MILLRACE_NOTIFY_RETRIES: "true",
    },
  });
  const units = await runProgram({ file: airflow.python, args: ["-m", "unittest", "test_dags"], cwd: AIRFLOW, env: { AIRFLOW_HOME: path.join(airflow.runDir, "unit"), PYTHONDONTWRITEBYTECODE: "1" } });
  expect(units.code, units.lines.join("\n")).toBe(0);

  const rest = await AirflowRest.login(airflow);
  await expect(AirflowRest.login({ ...airflow, password: "wrong" })).rejects.toThrow("HTTP 401");
  const waitFor = { timeout: 240_000, interval: 500 };
  await expect.poll(() => rest.dags(), waitFor).toEqual({ names: [FULL, INCREMENTAL], importErrors: [] });
  const told = (dag: string, event: string): readonly unknown[] => notices.filter((notice) => notice.dag === dag && notice.event === event && notice.task !== "wait_for_full_load").map((notice) => [notice.task, notice.try]);
  const statesOf = async (dag: string): Promise<readonly string[]> => (await rest.runs(dag)).map(({ state }) => state);

  // Days wait for the full load, whose first try finds that another process runs the batch layer.
  let release = await lambda.platform.roles!.acquire("batch");
  await rest.unpause(INCREMENTAL!);
  await rest.unpause(FULL!);
  await expect.poll(() => told(FULL!, "retry"), waitFor).toEqual([["batch_etl", 1]]);
  await release();
  await expect.poll(() => statesOf(FULL!), waitFor).toEqual(["success"]);
  const [full] = (await rest.runs(FULL!)) as [DagRun];
  expect(await states(rest, FULL!, full), await rest.log(FULL!, full, "data_quality", 1)).toEqual({ batch_etl: ["success", 2], data_quality: ["success", expect.any(Number)], reconcile: ["success", expect.any(Number)] });
  expect(await rest.log(FULL!, full, "batch_etl", 1)).toContain("[ROLE_TAKEN]");

  // The first day fails for good; nothing else may run before it is dealt with.
  release = await lambda.platform.roles!.acquire("batch");
  await expect.poll(() => told(INCREMENTAL!, "failed"), waitFor).toEqual([["batch_etl", 2]]);
  await expect.poll(() => statesOf(INCREMENTAL!), waitFor).toEqual(["failed", "running", "running"]);
  expect((await lambda.batch.list()).map(({ number }) => number)).toEqual([1]);
  await release();
  const days = await rest.runs(INCREMENTAL!);
  expect(days.map(({ data_interval_end }) => Date.parse(data_interval_end!))).toEqual([day(2), day(1), day(0)]);
  expect(await states(rest, INCREMENTAL!, days[0]!)).toMatchObject({ wait_for_full_load: ["success", expect.any(Number)], batch_etl: ["failed", 2], reconcile: ["upstream_failed", expect.any(Number)] });
  expect((await states(rest, INCREMENTAL!, days[1]!))["batch_etl"]?.[0]).toBeNull();

  await rest.clearFailed(INCREMENTAL!, days[0]!);
  await expect.poll(() => statesOf(INCREMENTAL!), waitFor).toEqual(["success", "success", "success"]);
  const generations = JSON.parse(await millrace(dataDir, "batch", "list", "--json")) as readonly Generation[];
  expect(generations.map(({ number, kind, cutAt }) => [number, kind, cutAt])).toEqual([
    [1, "full", day(3)],
    [2, "incremental", day(2)],
    [3, "incremental", day(1)],
    [4, "incremental", day(0)],
  ]);
  // The speed layer ends a segment when the next one begins, and after the last day none has.
  expect(generations.slice(0, -1).flatMap(({ drift }) => drift.filter(({ status }) => status !== "none"))).toEqual([]);
  // A generation is looked at before the next one is built.
  let looked = 0;
  for (const run of days) {
    const { batch_etl, reconcile, data_quality } = await rest.tasks(INCREMENTAL!, run);
    expect(Date.parse(batch_etl!.start_date!)).toBeGreaterThanOrEqual(looked);
    looked = Math.max(Date.parse(reconcile!.end_date!), Date.parse(data_quality!.end_date!));
  }

  const { events } = siteEvents(await dumpLog(lambda.platform.log, ["listen_events"], never));
  const range = { from: day(4), until: day(0), granularity: "day" as const, zone: "UTC" };
  const { rows, envelope } = JSON.parse(await millrace(dataDir, "query", "listen_count_minute", "--from", iso(range.from), "--until", iso(range.until), "--granularity", "day", "--json")) as {
    readonly rows: readonly { readonly window: number; readonly plays: number; readonly seconds: number }[];
    readonly envelope: { readonly generation: number; readonly complete: boolean };
  };
  expect(rows.map(({ window, plays, seconds }) => ({ window: new Date(window), plays: Number(plays), seconds: Number(seconds) }))).toEqual(
    siteAnswers["songs_played"]!(events, { ...range, limit: 100 }).map((row) => ({ ...row, window: new Date(row["window"] as number) })),
  );
  expect(rows).toHaveLength(4);
  expect(envelope).toMatchObject({ generation: 4, complete: true });
});

async function states(rest: AirflowRest, dag: string, run: DagRun): Promise<Readonly<Record<string, readonly [string | null, number]>>> {
  return Object.fromEntries(Object.entries(await rest.tasks(dag, run)).map(([name, { state, try_number }]) => [name, [state, try_number]]));
}

async function millrace(dataDir: string, ...args: readonly string[]): Promise<string> {
  const { code, lines } = await runProgram({ file: process.execPath, args: [MILLRACE, ...args, "--data", dataDir], cwd: PROJECT });
  expect(code, lines.join("\n")).toBe(0);
  return lines.join("\n");
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return text;
}
