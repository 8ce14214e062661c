import path from "node:path";
import type { Place } from "../instance/server-kind.js";
import type { CassandraOptions } from "./cassandra-options.js";

/** Addresses of the nodes: each needs one of its own, because nodes know each other by address. */
export const addressesOf = ({ nodes = 1 }: CassandraOptions): readonly string[] => Array.from({ length: nodes }, (_, i) => `127.0.0.${i + 1}`);

/** Where a node's part of the ring begins, so that `count` nodes have equal parts. */
export const tokenOf = (i: number, count: number): string => (-(2n ** 63n) + (2n ** 64n * BigInt(i)) / BigInt(count)).toString();

/** The `cassandra.yaml` of one node, from 0. */
export function nodeSettings(i: number, options: CassandraOptions, { ports }: Place, dir: string): Readonly<Record<string, unknown>> {
  const addresses = addressesOf(options);
  const address = addresses[i];
  return {
    cluster_name: "millrace",
    partitioner: "org.apache.cassandra.dht.Murmur3Partitioner",
    endpoint_snitch: "SimpleSnitch",
    num_tokens: 1,
    initial_token: tokenOf(i, addresses.length),
    // All nodes begin empty: there is nothing to stream, and nothing to wait for.
    auto_bootstrap: false,
    storage_port: ports["storage"],
    ssl_storage_port: ports["storage-tls"],
    native_transport_port: ports["cql"],
    start_native_transport: true,
    listen_address: address,
    rpc_address: address,
    seed_provider: [{ class_name: "org.apache.cassandra.locator.SimpleSeedProvider", parameters: [{ seeds: addresses[0] }] }],
    data_file_directories: [path.join(dir, "data")],
    commitlog_directory: path.join(dir, "commitlog"),
    saved_caches_directory: path.join(dir, "saved_caches"),
    hints_directory: path.join(dir, "hints"),
    cdc_raw_directory: path.join(dir, "cdc_raw"),
    commitlog_sync: "periodic",
    commitlog_sync_period: "10s",
    hinted_handoff_enabled: true,
    auto_snapshot: false,
    authenticator: "AllowAllAuthenticator",
    authorizer: "AllowAllAuthorizer",

    // A small machine.
    commitlog_segment_size: "5MiB",
    commitlog_total_space: "256MiB",
    memtable_allocation_type: "heap_buffers",
    memtable_heap_space: "64MiB",
    memtable_offheap_space: "64MiB",
    key_cache_size: "8MiB",
    concurrent_reads: 8,
    concurrent_writes: 16,
    concurrent_compactors: 1,
    compaction_throughput: "0MiB/s",
    disk_access_mode: "standard",
    ...options.settings,
  };
}
