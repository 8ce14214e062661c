import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { readRunState } from "../instance/run-state.js";
import { isRunning, remains } from "../testing/remains.js";
import { firstLine, startTypeScript } from "../testing/run-typescript.js";

it("no server and no folder is left after `kill -9` of the program that started them", async () => {
  const program = startTypeScript(new URL("../testing/start-program.ts", import.meta.url), []);
  onTestFinished(() => void program.kill("SIGKILL"));
  const { pids, runDir } = JSON.parse(await firstLine(program)) as { readonly pids: readonly number[]; readonly runDir: string };
  expect(remains(pids, [runDir])).toEqual([...pids, runDir]);
  program.kill("SIGKILL");
  await once(program, "exit");
  await expect.poll(() => remains(pids, [runDir])).toEqual([]);
});

it("no server is left after Ctrl-C of the command while it starts them", async () => {
  const dir = await mkdtemp(path.join(os.tmpdir(), "millrace-servers-test-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const command = startTypeScript(new URL("../cli.ts", import.meta.url), ["--run-dir", dir, "up", "kafka"]);
  const ended = once(command, "exit");
  const record = (): { readonly pid: number } | undefined => readRunState(path.join(dir, "kafka"))?.processes["kafka-1"];
  await expect.poll(record, { interval: 5 }).toBeDefined();
  const { pid } = record()!;
  command.kill("SIGINT");
  expect(await ended).toEqual([1, null]);
  expect(isRunning(pid)).toBe(false);
});
