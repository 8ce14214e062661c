import { expect, it } from "vitest";
import { nodeSettings, tokenOf } from "./node-settings.js";

it("gives nodes equal parts of the ring", () => {
  expect([0, 1].map((i) => tokenOf(i, 2))).toEqual(["-9223372036854775808", "0"]);
  expect([0, 1, 2].map((i) => tokenOf(i, 3))).toEqual(["-9223372036854775808", "-3074457345618258603", "3074457345618258602"]);
});

it("a setting of the caller goes over ours", () => {
  const place = { runDir: "/run", ports: { cql: 1, storage: 2, "storage-tls": 3 } };
  const settings = nodeSettings(1, { nodes: 2, settings: { concurrent_reads: 2, storage_compatibility_mode: "NONE" } }, place, "/run/cassandra-2");
  expect(settings).toMatchObject({ concurrent_reads: 2, storage_compatibility_mode: "NONE", listen_address: "127.0.0.2", native_transport_port: 1, data_file_directories: ["/run/cassandra-2/data"] });
});
