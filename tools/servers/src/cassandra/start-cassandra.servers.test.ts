import { Client, types } from "cassandra-driver";
import { expect, it, onTestFinished } from "vitest";
import { remains } from "../testing/remains.js";
import type { CassandraNode, RunningCassandra } from "./start-cassandra.js";
import { startCassandra } from "./start-cassandra.js";

const clientOf = ({ contactPoints, port, localDataCenter }: RunningCassandra): Client => {
  const client = new Client({ contactPoints: [...contactPoints], localDataCenter, protocolOptions: { port } });
  onTestFinished(() => client.shutdown());
  return client;
};

it("two nodes know each other; one that is killed comes back with its tables and rows", async () => {
  const cassandra = await startCassandra({ nodes: 2 });
  const pids = cassandra.nodes.map(({ pid }) => pid!);
  try {
    expect(cassandra.contactPoints).toEqual(["127.0.0.1", "127.0.0.2"]);
    const [one, two] = cassandra.nodes as readonly [CassandraNode, CassandraNode];
    const client = clientOf(cassandra);
    await client.execute("CREATE KEYSPACE kept WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 2}");
    await client.execute("CREATE TABLE kept.words (id int PRIMARY KEY, word text)");
    await client.execute("INSERT INTO kept.words (id, word) VALUES (1, 'a')", [], { consistency: types.consistencies.all });
    const seen = (await one.nodetool("status", "kept")).match(/^UN +\S+/gm)!;
    expect(seen.sort()).toEqual(["UN  127.0.0.1", "UN  127.0.0.2"]);

    await two.kill();
    expect([two.running, two.pid, remains([pids[1]!], [])]).toEqual([false, undefined, []]);
    await client.execute("INSERT INTO kept.words (id, word) VALUES (2, 'b')", [], { consistency: types.consistencies.one });
    await two.start();
    pids.push(two.pid!);
    // What it missed comes to it as a hint, once the other holds it for alive.
    const rows = async (): Promise<readonly object[]> => {
      const { rows: all } = await client.execute("SELECT id, word FROM kept.words WHERE id IN (1, 2)", [], { consistency: types.consistencies.all });
      return all.map((row) => ({ ...row }));
    };
    await expect.poll(rows).toEqual([
      { id: 1, word: "a" },
      { id: 2, word: "b" },
    ]);
  } finally {
    await cassandra.stop();
  }
  expect(remains(pids, [cassandra.runDir])).toEqual([]);
});
