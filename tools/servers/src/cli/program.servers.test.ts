import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { append, contents, createTopic } from "../testing/kafka-records.js";
import { isRunning } from "../testing/remains.js";
import { runTypeScript } from "../testing/run-typescript.js";
import type { ServerStatus } from "./server-status.js";

it("starts servers that go on, finds them, kills one, brings it back with its data, and stops it", async () => {
  const dir = await mkdtemp(path.join(os.tmpdir(), "millrace-servers-test-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const servers = (...words: string[]): Promise<string> => runTypeScript(new URL("../cli.ts", import.meta.url), ["--run-dir", dir, ...words]);
  const status = async (...words: string[]): Promise<readonly ServerStatus[]> => JSON.parse(await servers(...words, "--json")) as readonly ServerStatus[];
  onTestFinished(() => servers("down").then(() => {}));

  expect(await status("status")).toEqual([]);
  const [up] = await status("up", "kafka");
  const { pid, address } = up!.nodes[0]!;
  expect(up).toEqual({ server: "kafka", runDir: path.join(dir, "kafka"), access: { bootstrap: address }, nodes: [{ name: "kafka-1", address, pid, state: "up" }] });
  const client = { brokers: [address] };
  await createTopic(client, "kept");
  await append(client, "kept", ["a"]);

  expect(await status("up", "kafka")).toEqual([up]);
  expect(isRunning(pid!)).toBe(true);

  expect(await servers("kill", "kafka-1")).toBe("killed kafka-1\n");
  expect((await status("status"))[0]!.nodes).toEqual([{ name: "kafka-1", address, pid: null, state: "down" }]);
  expect(await servers("status")).toContain("kafka-1  down");
  expect(await servers("logs", "kafka-1", "--lines", "500")).toContain("Kafka Server started");

  const [again] = await status("up", "kafka");
  expect(again!.nodes).toEqual([{ name: "kafka-1", address, pid: expect.any(Number) as number, state: "up" }]);
  expect(again!.nodes[0]!.pid).not.toBe(pid);
  expect(await contents(client, "kept")).toEqual(["a"]);

  expect(await servers("down")).toBe("kafka: stopped\n");
  expect(isRunning(again!.nodes[0]!.pid!)).toBe(false);
  expect(await servers("down", "--delete-data")).toBe("kafka: did not run, data removed\n");
  expect(await servers("status")).toBe("nothing was started here\n");
  await expect(servers("kill", "kafka-1")).rejects.toThrow('looking for the node "kafka-1": nothing was started here');
});
