import { randomUUID } from "node:crypto";
import { Client } from "cassandra-driver";
import { afterAll, beforeAll, describe, inject, it } from "vitest";
import { viewStoreConformance } from "@millrace/core/testing";
import { cassandraStore } from "./cassandra-store.js";

const keyspaces: string[] = [];
let client: Client;

beforeAll(async () => {
  const { contactPoints, port, localDataCenter } = inject("cassandra");
  client = new Client({ contactPoints: [...contactPoints], localDataCenter, protocolOptions: { port } });
  await client.connect();
});
afterAll(async () => {
  for (const keyspace of keyspaces) await client.execute(`DROP KEYSPACE IF EXISTS ${keyspace}`);
  await client.shutdown();
});

function newKeyspace(): string {
  const keyspace = `store_${randomUUID().slice(0, 8)}`;
  keyspaces.push(keyspace);
  return keyspace;
}

describe("cassandraStore", () => {
  viewStoreConformance(
    it,
    async () => {
      const settings = { ...inject("cassandra"), keyspace: newKeyspace(), replication: { datacenter1: 1 }, shards: 2 };
      const store = cassandraStore(settings);
      return { store, another: async () => cassandraStore(settings), dispose: () => store.close() };
    },
    { "keeps-until-expiry": "rows leave by Cassandra's own clock, which no test can move: proved on the client in memory" },
  );
});
