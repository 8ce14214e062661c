import { expect, it } from "vitest";
import { boolean, defineStream, deliver, int64, simulatedClock, text, timestamp } from "@millrace/core";
import type { Row } from "@millrace/core";
import { cassandraSink } from "./cassandra-sink.js";
import { FakeCassandra } from "./testing/fake-cassandra.js";

const cassandra = new FakeCassandra({ clock: simulatedClock(1_700_000_000_000) });
const connection = { client: cassandra.client() };
const never = new AbortController().signal;

// region sink
const authEvents = defineStream({
  topic: "auth_events",
  columns: { ts: timestamp("ms"), success: boolean(), userId: int64().optional(), lastName: text().optional(), level: text().optional() },
  eventTime: "ts",
});

const userLogin = cassandraSink<Row<(typeof authEvents)["columns"]>>({
  ...connection,
  keyspace: "music",
  table: "user_login",
  create: "CREATE TABLE IF NOT EXISTS music.user_login (userid bigint, ts timestamp, lastname text, level text, PRIMARY KEY ((userid), ts)) WITH CLUSTERING ORDER BY (ts DESC)",
  // A failed login has no user.
  columns: { userid: (login) => login.userId ?? 0, ts: "ts", lastname: "lastName", level: "level" },
  nulls: "leave",
});

// The `outputs` of `createLambda`.
const outputs = [deliver(authEvents, userLogin)];
// endregion

it("keeps one row a login", async () => {
  const client = cassandra.client();
  await client.execute("CREATE KEYSPACE IF NOT EXISTS music WITH replication = {'class': 'SimpleStrategy', 'replication_factor': '1'}", [], {});
  const rows = [
    { ts: new Date(1_000), success: true, userId: 7, lastName: "Lee", level: "free" },
    { ts: new Date(2_000), success: true, userId: 7, lastName: "Lee", level: "paid" },
  ];
  const batch = { id: "auth_events/v1024-p0/0", topic: "auth_events", logVersion: 1_024, partition: 0, from: 0, until: 2, rows };
  for (let times = 0; times < 2; times++) for (const { sink } of outputs) await sink.write(batch as never, never);
  expect(cassandra.select("music.user_login").map((row) => [row["lastname"], row["level"]])).toEqual([["Lee", "free"], ["Lee", "paid"]]);
});
