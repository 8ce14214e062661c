import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { CLUSTER_PARTS } from "./cluster-parts.js";
import { residentMemory } from "./process-memory.js";
import { checkMemory, checkPorts } from "./start-checks.js";

it("names every port that is taken, and who has it", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const part = { name: "kafka", memoryMb: 1, ports: { kafkaPort: 9092 } };
  const error = (await checkPorts([part], { kafkaPort: port }).catch((thrown: unknown) => thrown)) as Error;
  expect(error).toMatchObject({ code: "CLUSTER_PORTS", retryable: true, advice: expect.stringContaining("--port-offset") as string });
  expect(error.message).toMatch(new RegExp(`^starting the cluster: ports are taken\n  ${port} of kafka: process ${process.pid} \\(.*node`));
  server.close();
  await once(server, "close");
  await checkPorts([part], { kafkaPort: port });
});

it("refuses what does not fit into the memory that is free, and says what may be left out", () => {
  const parts = CLUSTER_PARTS.filter(({ name }) => name === "kafka" || name === "airflow");
  const neededMb = parts.reduce((sum, { memoryMb }) => sum + memoryMb, 0);
  expect(() => checkMemory(parts, neededMb + 499)).toThrow(`starting kafka, airflow: that takes about ${neededMb} MB, and ${neededMb + 499} MB are free`);
  checkMemory(parts, neededMb + 500);
  expect(() => checkMemory(parts, 0)).toThrow(expect.objectContaining({ advice: "close other programs; leave parts out: --without airflow; or start all the same: --no-memory-check" }) as Error);
});

it("counts a process with what descends from it", async () => {
  const memory = await residentMemory([process.pid, process.ppid, 2 ** 30]);
  expect(memory.get(process.pid)).toBeGreaterThan(20);
  expect(memory.get(process.ppid)).toBeGreaterThan(memory.get(process.pid)!);
  expect(memory.get(2 ** 30)).toBe(0);
});
