import { randomUUID } from "node:crypto";
import { Client } from "cassandra-driver";
import { afterAll, beforeAll, describe, inject, it } from "vitest";
import { sinkConformance } from "@millrace/core/testing";
import { cassandraSink } from "./cassandra-sink.js";
import type { CassandraClient } from "./cassandra-client.js";

interface Login {
  readonly userId: bigint;
  readonly at: number;
  readonly level: string | null;
}

const keyspace = `sink_${randomUUID().slice(0, 8)}`;
let client: Client;

beforeAll(async () => {
  const { contactPoints, port, localDataCenter } = inject("cassandra");
  client = new Client({ contactPoints: [...contactPoints], localDataCenter, protocolOptions: { port }, encoding: { useBigIntAsLong: true } });
  await client.execute(`CREATE KEYSPACE ${keyspace} WITH replication = {'class': 'NetworkTopologyStrategy', 'datacenter1': '1'}`);
});
afterAll(async () => {
  await client.execute(`DROP KEYSPACE ${keyspace}`);
  await client.shutdown();
});

/** The client, with a fault between it and the caller: what a node that is away, or stands still, looks like. */
function disturbed(hurt: () => "fails" | "hangs" | undefined): CassandraClient {
  const own = client as unknown as CassandraClient;
  const through = async <T>(run: () => Promise<T>, writes: boolean): Promise<T> => {
    if (writes && hurt() === "hangs") return new Promise<T>(() => undefined);
    if (writes && hurt() === "fails") throw Object.assign(new Error("The host did not reply before timeout"), { name: "OperationTimedOutError" });
    return run();
  };
  return {
    connect: () => own.connect(),
    shutdown: () => own.shutdown(),
    execute: (query, parameters, options) => through(() => own.execute(query, parameters, options), query.startsWith("INSERT")),
    batch: (statements, options) => through(() => own.batch(statements, options), true),
  };
}

describe("cassandraSink", () => {
  sinkConformance(it, async () => {
    const table = `user_login_${randomUUID().slice(0, 8)}`;
    let hurt: "fails" | "hangs" | undefined;
    const create = `CREATE TABLE IF NOT EXISTS ${keyspace}.${table} (user_id bigint, at timestamp, level text, PRIMARY KEY ((user_id), at)) WITH CLUSTERING ORDER BY (at DESC)`;
    const sink = () => cassandraSink<Login>({ client: disturbed(() => hurt), keyspace, table, create, columns: { user_id: "userId", at: (row) => new Date(row.at), level: "level" } });
    return {
      sink: sink(),
      row: (n: number, large?: boolean): Login => ({ userId: BigInt(n % 5), at: 1_700_000_000_000 + n, level: large === true ? "x".repeat(1_000_000) : n % 3 === 0 ? null : `level ${n}` }),
      readBack: async () =>
        (await client.execute(`SELECT user_id, at, level FROM ${keyspace}.${table}`)).rows.map((row) => ({ userId: row["user_id"] as bigint, at: (row["at"] as Date).getTime(), level: row["level"] as string | null })),
      reopen: async () => sink(),
      disturb: async (how: "fails" | "hangs") => {
        hurt = how;
        return async () => {
          hurt = undefined;
        };
      },
    };
  });
});
