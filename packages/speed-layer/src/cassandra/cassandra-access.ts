import type { ConnectionOptions } from "node:tls";
import type * as Driver from "cassandra-driver";
import { MissingDriverError } from "@millrace/core";
import type { CassandraClient } from "./cassandra-client.js";

/** How to reach the nodes: the adapter makes a client, and closes it. */
export interface CassandraConnection {
  /** Addresses of some nodes, with or without port. */
  readonly contactPoints: readonly string[];
  /** The data center of this process: `datacenter1` unless the cluster says otherwise. */
  readonly localDataCenter: string;
  /** Default 9042. */
  readonly port?: number;
  readonly credentials?: { readonly username: string; readonly password: string };
  readonly sslOptions?: ConnectionOptions;
  /** An answer that takes longer is a timeout. Default 5,000. */
  readonly requestTimeoutMs?: number;
  /** Further options of `cassandra-driver`, which win over the ones above. */
  readonly driverOptions?: Readonly<Record<string, unknown>>;
  readonly client?: undefined;
}

/** A client of the caller's own, which the caller closes. */
export interface CassandraClientAccess {
  readonly client: CassandraClient;
  /** Default: that of the node which answers. */
  readonly localDataCenter?: string;
}

/** How a store or sink reaches Cassandra. */
export type CassandraAccess = CassandraConnection | CassandraClientAccess;

/** A client that was made for the adapter. @throws {MissingDriverError} when `cassandra-driver` is not installed. */
export async function makeClient(adapter: string, access: CassandraConnection): Promise<CassandraClient> {
  const { Client, policies } = await loadDriver(adapter);
  return new Client({
    contactPoints: [...access.contactPoints],
    localDataCenter: access.localDataCenter,
    ...(access.credentials === undefined ? {} : { credentials: access.credentials }),
    ...(access.sslOptions === undefined ? {} : { sslOptions: access.sslOptions }),
    protocolOptions: { port: access.port ?? 9_042 },
    socketOptions: { readTimeout: access.requestTimeoutMs ?? 5_000, connectTimeout: access.requestTimeoutMs ?? 5_000 },
    // The driver's own grows to ten minutes: a node that comes back must be met at once.
    policies: { reconnection: new policies.reconnection.ExponentialReconnectionPolicy(250, 2_000, false) },
    ...access.driverOptions,
  }) as unknown as CassandraClient;
}

async function loadDriver(adapter: string): Promise<typeof Driver> {
  try {
    return await import("cassandra-driver");
  } catch (cause) {
    throw new MissingDriverError(adapter, "cassandra-driver", "^4.10", cause);
  }
}
