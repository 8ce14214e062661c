import { Client, policies } from "cassandra-driver";
import { NotYetError } from "../errors/not-yet-error.js";

/** The data centre of every node. */
export const DATA_CENTER = "datacenter1";

/** Resolves when a node answers a CQL query and knows at least `count` nodes, itself included, with one schema. */
export async function probeNode(address: string, port: number, count: number, signal: AbortSignal): Promise<void> {
  const client = new Client({
    contactPoints: [address],
    localDataCenter: DATA_CENTER,
    protocolOptions: { port },
    // This node alone is asked, whoever else is alive.
    policies: { loadBalancing: new policies.loadBalancing.AllowListPolicy(new policies.loadBalancing.DCAwareRoundRobinPolicy(DATA_CENTER), [`${address}:${port}`]) },
    socketOptions: { connectTimeout: 5_000, readTimeout: 10_000 },
  });
  try {
    await client.connect();
    signal.throwIfAborted();
    const own = (await client.execute("SELECT schema_version FROM system.local")).first();
    const peers = (await client.execute("SELECT schema_version FROM system.peers_v2")).rows;
    const agreeing = peers.filter((peer) => String(peer["schema_version"]) === String(own["schema_version"]));
    if (agreeing.length < count - 1) throw new NotYetError(`the node at ${address} knows ${peers.length} others, ${agreeing.length} with its schema`);
  } finally {
    await client.shutdown().catch(() => {});
  }
}
