import { KNOWN_SERVERS } from "@millrace/servers";
import fc from "fast-check";
import { expect, it } from "vitest";
import { clusterEnvironment } from "./cluster-environment.js";
import { CLUSTER_PARTS, PART_NAMES, portsOf, selectParts, serverOf } from "./cluster-parts.js";
import { CLUSTER_DEFAULTS } from "./cluster.js";
import { pipelineServers } from "./pipeline-servers.js";

const namesOf = (selection: Parameters<typeof selectParts>[0]): readonly string[] => selectParts(selection).map(({ name }) => name);

it("has every server and process of the reference deployment in order, at its ports, within 16 GB", () => {
  expect(PART_NAMES).toEqual(["kafka", "cassandra", "hdfs", "metastore", "spark", "presto", "airflow", "superset", "simulator", "ingest", "speed", "serving"]);
  expect(portsOf(0)).toEqual({
    ...{ kafkaPort: 9092, cassandraPort: 9042, hdfsPort: 8020, webhdfsPort: 9870, metastorePort: 9083, sparkPort: 10_000, prestoPort: 8082, airflowPort: 8083, supersetPort: 8089 },
    ...{ servingPort: 4280, speedPort: 4281, ingestPort: 4282 },
  });
  expect(new Set(Object.values(portsOf(0))).size).toBe(12);
  expect(CLUSTER_PARTS.reduce((sum, { memoryMb }) => sum + memoryMb, 0)).toBeLessThan(12_000);
});

it("every part is a server that is known, and starts after all that it names", () => {
  const pipeline = pipelineServers({ ...CLUSTER_DEFAULTS, environment: clusterEnvironment(portsOf(0), PART_NAMES) });
  for (const [i, part] of CLUSTER_PARTS.entries()) {
    const { name, needs = [], uses = [] } = serverOf(part, pipeline);
    expect(name).toBe(part.name);
    expect([...needs, ...uses].filter((other) => !PART_NAMES.slice(0, i).includes(other))).toEqual([]);
    expect(KNOWN_SERVERS.some((server) => server.name === name) !== pipeline.some((server) => server.name === name)).toBe(true);
  }
});

it("takes with a part what it needs, and refuses to leave that out, with the words that work", () => {
  expect(namesOf({})).toEqual(PART_NAMES);
  expect(namesOf({ only: ["speed"] })).toEqual(["kafka", "cassandra", "hdfs", "metastore", "spark", "speed"]);
  for (const { name, needs = [] } of CLUSTER_PARTS) expect(namesOf({ only: [name] }), name).toEqual(PART_NAMES.filter((other) => other === name || needs.includes(other)));
  for (const { name, needs = [] } of CLUSTER_PARTS) expect(CLUSTER_PARTS.filter((other) => needs.includes(other.name)).flatMap((other) => other.needs ?? []).filter((need) => !needs.includes(need)), name).toEqual([]);
  expect(namesOf({ without: ["superset", "airflow"] })).toEqual(PART_NAMES.filter((name) => name !== "airflow" && name !== "superset"));
  expect(() => selectParts({ without: ["kafka"] })).toThrow("leaving out kafka: simulator needs kafka, ingest needs kafka, speed needs kafka, serving needs kafka");
  expect(() => selectParts({ only: ["kafka"], without: ["kafka"] })).toThrow("choosing parts: none is left");
});

it("never leaves a part without what it needs", () => {
  const names = fc.uniqueArray(fc.constantFrom(...PART_NAMES));
  fc.assert(
    fc.property(fc.option(names.filter((only) => only.length > 0)), names, (only, without) => {
      let parts: readonly string[];
      try {
        parts = namesOf({ ...(only && { only }), without });
      } catch {
        const needing = CLUSTER_PARTS.filter(({ needs = [] }) => needs.some((need) => without.includes(need)));
        expect(needing.length > 0 || (only ?? PART_NAMES).every((name) => without.includes(name))).toBe(true);
        return;
      }
      for (const { name, needs = [] } of CLUSTER_PARTS) if (parts.includes(name)) expect(needs.filter((need) => !parts.includes(need))).toEqual([]);
      expect(parts.filter((name) => without.includes(name))).toEqual([]);
      for (const name of only ?? PART_NAMES) expect(parts.includes(name) || without.includes(name)).toBe(true);
    }),
  );
});

it("moves every port, as far as they remain ports", () => {
  expect(Object.values(portsOf(1_000))).toEqual(Object.values(portsOf(0)).map((port) => port + 1_000));
  expect(() => portsOf(56_000)).toThrow("moving the ports by 56000: they would go from 60280 to 66000");
  expect(() => portsOf(-4_000)).toThrow("moving the ports by -4000");
});
