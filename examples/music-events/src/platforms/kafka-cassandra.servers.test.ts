import { startKafka } from "@millrace/servers";
import { naiveFold } from "@millrace/core/testing";
import type { EventLog } from "millrace";
import { Client } from "cassandra-driver";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, inject, it, onTestFinished } from "vitest";
import { createMusicEvents } from "../music-events.js";
import { openKafka } from "../simulate/open-kafka.js";
import { runSimulate } from "../simulate/run-simulate.js";
import { deploymentOf } from "./deployment.js";

const never = new AbortController().signal;
/** The reference pipeline's tables of the speed layer. */
const TABLES = ["artist_chart_minute", "gender_distribution_minute", "listen_count_minute", "song_chart_minute", "user_activity_minute", "user_login"];

it("answers every view as the fold of the log, from Kafka and Cassandra, in the reference's tables", async () => {
  const dataDir = await mkdtemp(path.join(tmpdir(), "music-events-"));
  // Of its own: topics have the names that they have.
  const kafka = await startKafka();
  onTestFinished(async () => {
    await kafka.stop();
    await rm(dataDir, { recursive: true, force: true });
  });
  const cassandra = inject("cassandra");
  const keyspace = `music_${process.pid}_${Date.now().toString(36)}`;
  const environment = {
    MILLRACE_PLATFORM: "kafka-cassandra",
    MILLRACE_KAFKA: kafka.bootstrap,
    MILLRACE_CASSANDRA: cassandra.contactPoints.map((host) => `${host}:${cassandra.port}`).join(),
    MILLRACE_CASSANDRA_DATA_CENTER: cassandra.localDataCenter,
    MILLRACE_KEYSPACE: keyspace,
  };
  await using lambda = createMusicEvents({ deployment: deploymentOf(environment, dataDir) });
  const startMs = Date.UTC(2025, 0, 6);
  const simulate = async (days: number, from: number) => {
    const target = await openKafka(kafka.bootstrap.split(","), never);
    const { total } = await runSimulate({ options: { seed: 5, users: 600, startMs: startMs + from * 86_400_000 }, untilMs: startMs + (from + days) * 86_400_000, target, clock: undefined, onProgress: () => {} }, never);
    await target.close();
    return total;
  };
  expect(await simulate(3, 0)).toBeGreaterThan(5_000);

  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const running = lambda.speed({ signal: stop.signal });
  await lambda.caughtUp();
  await simulate(1, 3);
  await lambda.caughtUp();
  for (const view of lambda.views) {
    const { rows } = await naiveFold(lambda.platform.log, view.definition, never);
    const answer = await lambda.query(view.name as "listen_count_minute", { from: new Date(startMs - 86_400_000), until: new Date(startMs + 10 * 86_400_000), orderBy: "window asc" });
    expect(answer.envelope, view.name).toMatchObject({ complete: true, behind: 0 });
    expect(sorted(answer.rows), view.name).toEqual(sorted(rows));
  }

  const client = new Client({ contactPoints: [...cassandra.contactPoints], protocolOptions: { port: cassandra.port }, localDataCenter: cassandra.localDataCenter });
  onTestFinished(() => client.shutdown());
  const tables = await client.execute("SELECT table_name FROM system_schema.tables WHERE keyspace_name = ?", [keyspace]);
  expect(tables.rows.map((row) => row["table_name"] as string)).toEqual(expect.arrayContaining(TABLES));
  // A batch is delivered once a record behind it seals it.
  const positions = () => lambda.layers.speed().status().outputs;
  const delivered = async (outputs: ReturnType<typeof positions>) => {
    const expected: string[] = [];
    for (const { partition, until } of outputs) expected.push(...(await loginsBelow(lambda.platform.log, partition, until)));
    const { rows } = await client.execute(`SELECT user_id, ts, level FROM ${keyspace}.user_login`, [], { fetchSize: 100_000 });
    return { delivered: rows.map((row) => `${row["user_id"]} ${(row["ts"] as Date).getTime()} ${row["level"]}`).sort(), expected: expected.sort() };
  };
  await expect.poll(async () => (await delivered(positions())).delivered.length).toBeGreaterThan(20);
  const last = positions();
  stop.abort();
  await running;
  const logins = await delivered(last);
  expect(logins.delivered).toEqual(logins.expected);
});

const sorted = (rows: readonly object[]): readonly string[] => rows.map((row) => JSON.stringify(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)))).sort();

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
