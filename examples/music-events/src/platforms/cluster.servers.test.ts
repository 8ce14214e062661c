import { startKafka } from "@millrace/servers";
import { naiveFold } from "@millrace/core/testing";
import type { EventLog, Generation } from "millrace";
import { Client } from "cassandra-driver";
import { expect, inject, it, onTestFinished } from "vitest";
import { createMusicEvents } from "../music-events.js";
import { rowsInNoOrder } from "../oracle/rows-in-no-order.js";
import { openKafka } from "../simulate/open-kafka.js";
import { runSimulate } from "../simulate/run-simulate.js";
import { listenCountMinute } from "../views/listen-count-minute.js";
import { deploymentOf } from "./deployment.js";

const DAY_MS = 86_400_000;
const never = new AbortController().signal;
/** The reference pipeline's tables of the speed layer. */
const TABLES = ["artist_chart_minute", "gender_distribution_minute", "listen_count_minute", "song_chart_minute", "user_activity_minute", "user_login"];

it("answers every view as the fold of the log, from the log's beginning and after each batch run, with every port on a server", { timeout: 900_000 }, async () => {
  // Of its own: topics have the names that they have.
  const kafka = await startKafka();
  onTestFinished(() => kafka.stop());
  const cassandra = inject("cassandra");
  const hdfs = inject("hdfs");
  const spark = inject("spark");
  const name = `music_${process.pid}_${Date.now().toString(36)}`;
  const environment = {
    MILLRACE_PLATFORM: "cluster",
    MILLRACE_KAFKA: kafka.bootstrap,
    MILLRACE_CASSANDRA: cassandra.contactPoints.map((host) => `${host}:${cassandra.port}`).join(),
    MILLRACE_CASSANDRA_DATA_CENTER: cassandra.localDataCenter,
    MILLRACE_KEYSPACE: name,
    MILLRACE_HDFS: hdfs.webAddress,
    MILLRACE_HDFS_URI: hdfs.uri,
    MILLRACE_HDFS_ROOT: `/${name}`,
    MILLRACE_HDFS_USER: hdfs.user,
    MILLRACE_HIVE: `${spark.host}:${spark.port}`,
    MILLRACE_DATABASE: name,
  };
  await using lambda = createMusicEvents({ deployment: { ...deploymentOf(environment, "no folder"), grid: { segmentOffsets: 700 } } });
  const { platform } = lambda;
  onTestFinished(async () => {
    await fetch(`${hdfs.webUrl}/webhdfs/v1/${name}?op=DELETE&recursive=true&user.name=${hdfs.user}`, { method: "DELETE" });
  });
  const startMs = Date.UTC(2025, 0, 6);
  const simulate = async (days: number, from: number) => {
    const target = await openKafka(kafka.bootstrap.split(","), never);
    const { total } = await runSimulate({ options: { seed: 5, users: 1_500, startMs: startMs + from * DAY_MS }, untilMs: startMs + (from + days) * DAY_MS, target, clock: undefined, onProgress: () => {} }, never);
    await target.close();
    return total;
  };
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  let running: Promise<void> | undefined;
  const expectFold = async (generation: number) => {
    await lambda.caughtUp();
    for (const view of lambda.views) {
      const { rows } = await naiveFold(platform.log, view.definition, never);
      const answer = await lambda.query(view.name as "listen_count_minute", { from: new Date(startMs - DAY_MS), until: new Date(startMs + 10 * DAY_MS), orderBy: "window asc" });
      expect(answer.envelope, view.name).toMatchObject({ generation, complete: true, behind: 0 });
      expect(rowsInNoOrder(answer.rows), view.name).toEqual(rowsInNoOrder(rows));
    }
  };
  /** What the batch layer published, as everybody with SQL reads it. */
  const expectTable = async (generation: Generation) => {
    const { blocks } = await platform.engine.query(`SELECT coalesce(sum(plays), 0), max(generation) FROM ${name}.listen_count_minute, ${name}.current_generation`, never);
    const read: unknown[] = [];
    for await (const block of blocks) for (const row of block) read.push(...row);
    const { rows } = await naiveFold(platform.log, listenCountMinute.definition, never, Object.fromEntries(generation.cut["listen_events"]!.map(({ partition, offset }) => [partition, offset])));
    expect(read.map(Number)).toEqual([rows.reduce((plays, row) => plays + Number(row["plays"]), 0), generation.number]);
  };

  for (const round of [0, 1]) {
    expect(await simulate(1, round)).toBeGreaterThan(2_000);
    running ??= lambda.speed({ signal: stop.signal });
    await expectFold(round);
    await lambda.layers.ingest().drain(never);
    const generation = (await lambda.batch.run()) as Generation;
    expect(generation.number).toBe(round + 1);
    await expectFold(round + 1);
    await expect.poll(() => expectTable(generation).then(() => true)).toBe(true);
  }

  const client = new Client({ contactPoints: [...cassandra.contactPoints], protocolOptions: { port: cassandra.port }, localDataCenter: cassandra.localDataCenter });
  onTestFinished(() => client.shutdown());
  const tables = await client.execute("SELECT table_name FROM system_schema.tables WHERE keyspace_name = ?", [name]);
  expect(tables.rows.map((row) => row["table_name"] as string)).toEqual(expect.arrayContaining(TABLES));
  // A batch is delivered once a record behind it seals it.
  const positions = () => lambda.layers.speed().status().outputs;
  const delivered = async (outputs: ReturnType<typeof positions>) => {
    const expected: string[] = [];
    for (const { partition, until } of outputs) expected.push(...(await loginsBelow(platform.log, partition, until)));
    const { rows } = await client.execute(`SELECT user_id, ts, level FROM ${name}.user_login`, [], { fetchSize: 100_000 });
    return { delivered: rows.map((row) => `${row["user_id"]} ${(row["ts"] as Date).getTime()} ${row["level"]}`).sort(), expected: expected.sort() };
  };
  await expect.poll(async () => (await delivered(positions())).delivered.length).toBeGreaterThan(20);
  const last = positions();
  stop.abort();
  await running;
  const logins = await delivered(last);
  expect(logins.delivered).toEqual(logins.expected);
});

/** Logins of users who are known, below an offset. */
async function loginsBelow(log: EventLog, partition: number, until: number): Promise<readonly string[]> {
  const logins: string[] = [];
  if (until === 0) return logins;
  for await (const { length, offsets, data, valueStart, valueEnd, position } of log.read({ topic: "auth_events", partition, from: 0 }, never)) {
    for (let i = 0; i < length && offsets[i]! < until; i++) {
      const { userId, ts, level } = JSON.parse(Buffer.from(data.subarray(valueStart[i], valueEnd[i])).toString()) as { userId?: number; ts: number; level: string };
      if (userId !== undefined) logins.push(`${userId} ${ts} ${level}`);
    }
    if (position >= until) break;
  }
  return logins;
}
