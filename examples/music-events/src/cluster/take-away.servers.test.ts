import { naiveFold } from "@millrace/core/testing";
import type { Generation } from "millrace";
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it, onTestFinished } from "vitest";
import { rowsInNoOrder } from "../oracle/rows-in-no-order.js";
import { TOPICS, type Topic } from "../simulator/index.js";
import { clusterEnvironment } from "./cluster-environment.js";
import { portsOf } from "./cluster-parts.js";
import type { ClusterStatus } from "./cluster-status.js";
import { isFree } from "./port-owner.js";
import { createSmallMusicEvents } from "./testing/small-music-events.js";

const CLUSTER = fileURLToPath(new URL("../cluster.ts", import.meta.url));
const SMALL = fileURLToPath(new URL("./testing/small-music-events.config.ts", import.meta.url));
const ROOT = fileURLToPath(new URL("../../../..", import.meta.url));
const DAY_MS = 86_400_000;
const never = new AbortController().signal;
/** On a busy machine a layer needs its time to come back. */
const PATIENCE = { timeout: 240_000, interval: 100 };
/** Each is killed at once, in this order. */
const TAKEN_AWAY = [["kafka-1"], ["cassandra-1"], ["cassandra-2"], ["namenode"], ["datanode"], ["metastore"], ["thrift"], ["simulator", "ingest", "speed", "serving"]];

/** HTTP statuses of a server that cannot give the exact answer, now or in time. */
const REFUSALS = [409, 503, 504];

type Row = Readonly<Record<string, unknown>>;
interface Answer {
  readonly rows: readonly Row[];
  readonly envelope: { readonly generation: number; readonly complete: boolean; readonly asOf: readonly { readonly partition: number; readonly offset: number }[] };
}

it("starts the cluster; whichever server is killed, answers are right or refused, and after another `up` all is equal to the fold of the log again", { timeout: 1_500_000 }, async () => {
  const runDir = mkdtempSync(path.join(tmpdir(), "millrace-cluster-test-"));
  onTestFinished(() => rmSync(runDir, { recursive: true, force: true, maxRetries: 3 }));
  const command = (...words: readonly string[]) => promisify(execFile)(process.execPath, ["--import", "tsx", CLUSTER, "--run-dir", runDir, ...words], { cwd: ROOT, maxBuffer: 1 << 24 });
  onTestFinished(() => command("down").then(() => {}));
  const status = async (): Promise<ClusterStatus> => JSON.parse((await command("status", "--json")).stdout) as ClusterStatus;
  const offset = await freeOffset();
  const ports = portsOf(offset);

  const first = await command("up", "--without", "presto,airflow,superset", "--no-build", "--port-offset", String(offset), "--rate", "1.5", "--backfill", "0.5", "--traps", "all", "--config", SMALL);
  expect(first.stderr).toMatch(/kafka: up after \d+ s\n[^]*simulator: starting\n[^]*serving: up after/);
  expect(first.stdout).toContain(`live page                   http://127.0.0.1:${ports["servingPort"]}/`);
  const began = await status();
  expect(began.processes.map(({ name, state }) => `${name} ${state}`)).toEqual([...TAKEN_AWAY.flat().map((name) => `${name} up`)]);
  expect(began.memoryMb).toBeLessThan(8_000);

  const open = () => createSmallMusicEvents(clusterEnvironment(ports, []));
  const { views } = open();
  /** What the live page's server says; undefined: it refuses, or says nothing in time. */
  const ask = async (view: string): Promise<Answer | undefined> => {
    const day = (days: number): string => new Date((Math.floor(Date.now() / DAY_MS) + days) * DAY_MS).toISOString();
    const response = await fetch(`http://127.0.0.1:${ports["servingPort"]}/api/views/${view}/rows?from=${day(-2)}&until=${day(3)}`, { signal: AbortSignal.timeout(8_000) }).catch(() => undefined);
    if (response === undefined || REFUSALS.includes(response.status)) return undefined;
    if (!response.ok) throw new Error(`${view}: HTTP ${response.status} ${await response.text()}`);
    return (await response.json()) as Answer;
  };
  /** Waits until all is answered that the log holds now; then each answer must be the fold of just the records that it says it has. */
  const equalToFold = async (generation: number): Promise<ReadonlyMap<string, readonly Row[]>> => {
    await using lambda = open();
    const { log } = lambda.platform;
    const ends = new Map(await Promise.all(TOPICS.map(async (topic) => [topic, (await log.describe(topic, never)).partitions] as const)));
    const folds = new Map<string, readonly Row[]>();
    for (const { name, definition } of lambda.views) {
      const answered = async (): Promise<string> => {
        const answer = await ask(name);
        if (answer === undefined) return "refused";
        const { asOf, complete, generation: served } = answer.envelope;
        if (!complete || served !== generation) return `complete ${complete}, generation ${served}`;
        const below = Object.fromEntries(asOf.map(({ partition, offset }) => [partition, offset]));
        if (!ends.get(definition.from.topic as Topic)!.every(({ partition, end }) => below[partition]! >= end)) return "behind";
        folds.set(name, JSON.parse(JSON.stringify((await naiveFold(log, definition, never, below)).rows)) as Row[]);
        return rowsInNoOrder(answer.rows).join("\n") === rowsInNoOrder(folds.get(name)!).join("\n") ? "equal" : "not equal";
      };
      await expect.poll(answered, { ...PATIENCE, message: name }).toBe("equal");
    }
    return folds;
  };
  const loaded = async (): Promise<number> => {
    await using lambda = open();
    return ((await lambda.batch.run()) as Generation).number;
  };

  // Until segments are sealed there is nothing to load.
  await expect.poll(() => loaded().catch((error: unknown) => String(error)), PATIENCE).toBe(1);
  let before = await equalToFold(1);

  const given: { readonly view: string; readonly rows: readonly Row[] }[] = [];
  for (const names of TAKEN_AWAY) {
    for (const { pid } of (await status()).processes.filter(({ name }) => names.includes(name))) process.kill(pid!, "SIGKILL");
    const answers = await Promise.all(views.map(async ({ name }) => ({ view: name, answer: await ask(name) })));
    for (const { view, answer } of answers) {
      if (answer === undefined) continue;
      expect([names, view, answer.envelope.complete, smaller(answer.rows, before.get(view)!)]).toEqual([names, view, true, []]);
      given.push({ view, rows: answer.rows });
    }
    const { stderr } = await command("up", "--no-build");
    for (const name of names) expect(stderr).toContain(`${name} has ended; the end of its log:\n`);
    expect((await status()).processes.filter(({ state }) => state !== "up")).toEqual([]);
    before = await equalToFold(1);
  }
  // Nothing that was answered was more than what has happened.
  expect(given.filter(({ view, rows }) => smaller(before.get(view)!, rows).length > 0)).toEqual([]);
  expect(given.length).toBeGreaterThan(0);
  expect(await loaded()).toBe(2);
  await equalToFold(2);

  const { stderr } = await command("down");
  expect(stderr.match(/^\w+(?=: stopped)/gm)).toEqual(["serving", "speed", "ingest", "simulator", "spark", "metastore", "hdfs", "cassandra", "kafka"]);
  expect((await status()).processes.filter(({ pid }) => pid !== null)).toEqual([]);
  expect((await command("status")).stdout).toMatch(/^kafka-1 +- +down/m);
  await command("down", "--delete-data");
  expect(existsSync(runDir)).toBe(false);
});

/** Rows of `least` that are missing or have a measure that is smaller. A rate may fall. */
function smaller(rows: readonly Row[], least: readonly Row[]): readonly Row[] {
  const keyOf = (row: Row): string => rowsInNoOrder([Object.fromEntries(Object.entries(row).filter(([, value]) => typeof value !== "number"))])[0]!;
  const found = new Map(rows.map((row) => [keyOf(row), row]));
  return least.filter((row) => {
    const other = found.get(keyOf(row));
    return other === undefined || Object.entries(row).some(([name, value]) => typeof value === "number" && name !== "successRate" && (other[name] as number) < value - 1e-6);
  });
}

/** Where no port of the cluster belongs to anybody. */
async function freeOffset(): Promise<number> {
  for (let offset = 16_000; offset < 22_000; offset += 100 + (process.pid % 97)) {
    if ((await Promise.all(Object.values(portsOf(offset)).map(isFree))).every(Boolean)) return offset;
  }
  throw new Error("no ports are free");
}
