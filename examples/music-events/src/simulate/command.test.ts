import { spawn } from "node:child_process";
import { once } from "node:events";
import { createReadStream } from "node:fs";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { TOPICS } from "../simulator/index.js";

const root = fileURLToPath(new URL("../../", import.meta.url));

function start(...args: readonly string[]) {
  const child = spawn(process.execPath, ["--import", "tsx", "src/simulate.ts", ...args], {
    cwd: root,
    env: { ...process.env, INIT_CWD: root, TSX_TSCONFIG_PATH: path.join(root, "tsconfig.run.json") },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  onTestFinished(() => void child.kill("SIGKILL"));
  return {
    interrupt: () => child.kill("SIGINT"),
    ended: once(child, "close").then(([code]) => ({ code: code as number | null, stdout, stderr })),
  };
}

async function sizeOf(file: string): Promise<number> {
  return (await stat(file).catch(() => ({ size: 0 }))).size;
}

/** Lines that end and are JSON, and the bytes after them. Read as a stream: a busy machine is slow to interrupt, and the file then too large for one string. */
async function linesOf(file: string): Promise<{ lines: number; rest: number }> {
  let lines = 0;
  let rest = Buffer.alloc(0);
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    const text = Buffer.concat([rest, chunk]);
    const ended = text.lastIndexOf(10) + 1;
    for (const line of text.toString("utf8", 0, ended).split("\n").slice(0, -1)) {
      JSON.parse(line);
      lines += 1;
    }
    rest = text.subarray(ended);
  }
  return { lines, rest: rest.length };
}

async function temporaryDir(): Promise<string> {
  const dir = await mkdtemp(path.join(tmpdir(), "simulate-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

it("ends on Ctrl-C with whole lines, and says how far it came and that it is not all", async () => {
  const dir = await temporaryDir();
  const run = start("--nusers", "2000", "--from", "2025-01-06", "--until", "2095-01-06", "--out", dir);
  await expect.poll(() => sizeOf(path.join(dir, "page_view_events.ndjson")), { interval: 20 }).toBeGreaterThan(0);
  run.interrupt();
  const { code, stdout, stderr } = await run.ended;
  expect([code, stdout]).toEqual([130, ""]);
  const said = new Map([...stderr.matchAll(/^ {2}(\w+) +([\d,]+)$/gm)].map(([, topic, count]) => [topic!, Number(count!.replaceAll(",", ""))]));
  for (const topic of TOPICS) {
    const { lines, rest } = await linesOf(path.join(dir, `${topic}.ndjson`));
    expect({ topic, lines, rest }).toEqual({ topic, lines: said.get(topic), rest: 0 });
  }
  expect(stderr).toContain("stopped at ");
});

it("fails on mistakes, all on stderr, and makes no folder", async () => {
  const dir = path.join(await temporaryDir(), "none");
  const { code, stdout, stderr } = await start("--nusers", "many", "--traps", "slow", "--out", dir).ended;
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toMatch(/^error: reading the command line:\n {2}--nusers must be a number, but is "many"\n {2}--traps: there is no trap "slow"/);
  await expect(readFile(path.join(dir, "auth_events.ndjson"))).rejects.toThrow("ENOENT");
});
