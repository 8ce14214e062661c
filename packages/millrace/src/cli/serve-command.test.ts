import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";

const command = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));
const fixture = fileURLToPath(new URL("./fixture", import.meta.url));
const token = "token-of-the-test";

let dataDir: string;
const children: ChildProcess[] = [];
beforeAll(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), "millrace-serve-cli-"));
});
afterAll(async () => {
  for (const child of children) child.kill("SIGKILL");
  await rm(dataDir, { recursive: true, force: true });
});

function start(args: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [command, ...args, "--data", dataDir], { cwd: fixture, stdio: "pipe", env: { ...process.env, ...env } });
  children.push(child);
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (printed += chunk.toString()));
  const closed = once(child, "close").then(([code]) => code as number | null);
  return {
    closed,
    printed: () => printed,
    stop: () => child.kill("SIGTERM"),
    url: async () => {
      await expect.poll(() => printed, { timeout: 20_000 }).toMatch(/serving on http:\S+/);
      return /serving on (http:\S+)/.exec(printed)![1]!;
    },
  };
}

it("dev answers over HTTP what it is fed, and a second process serves the same", async () => {
  const dev = start(["dev", "--port", "0"]);
  const devUrl = await dev.url();
  const feed = start(["log", "append", "--topic", "orders", "--json"]);
  children.at(-1)!.stdin!.end(`${JSON.stringify({ at: "2026-03-01T10:00:05Z", shop: "harbour", price: 12.5 })}\n`);
  expect(await feed.closed, feed.printed()).toBe(0);
  const rows = async (url: string, headers: Record<string, string> = {}) => ((await (await fetch(`${url}/api/views/sales/rows?from=2026-03-01&until=2026-03-02`, { headers })).json()) as { readonly rows?: object[] }).rows;
  const expected = [{ window: "2026-03-01T10:00:00.000Z", shop: "harbour", orders: 1, revenue: 12.5 }];
  await expect.poll(() => rows(devUrl), { timeout: 10_000 }).toEqual(expected);
  expect(await (await fetch(`${devUrl}/metrics`)).text()).toMatch(/^millrace_speed_records_total\{topic="orders"\} 1$/m);

  const serve = start(["serve", "--port", "0"], { MILLRACE_TOKEN: token });
  const url = await serve.url();
  expect(await rows(url, { authorization: `Bearer ${token}` })).toEqual(expected);
  expect((await fetch(`${url}/api/lambda`)).status).toBe(401);
  expect((await fetch(`${url}/api/lambda`, { headers: { authorization: "Bearer wrong" } })).status).toBe(401);
  const busy = start(["serve", "--port", new URL(url).port]);
  expect(await busy.closed).toBe(1);
  expect(busy.printed()).toMatch(/another process has it.*\n(.*\n)*what to do: name another one with --port/);

  serve.stop();
  dev.stop();
  expect([await serve.closed, await dev.closed]).toEqual([0, 0]);
  for (const { printed } of [serve, dev, busy]) expect(printed()).not.toContain(token);
});

it("speed answers probes and metrics of its process where it is told to serve, and tells events as JSON lines with their time", async () => {
  const speed = start(["speed", "--serve", "--port", "0"]);
  const url = await speed.url();
  const lag = async () => /^millrace_speed_lag_records\{topic="orders",partition="0"\} (\d+)$/m.exec(await (await fetch(`${url}/metrics`)).text())?.[1];
  await expect.poll(lag, { timeout: 20_000 }).toBe("0");
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  speed.stop();
  expect(await speed.closed).toBe(0);

  const told = start(["speed", "--json"]);
  await expect.poll(told.printed, { timeout: 20_000 }).toContain("WorkerStarted");
  told.stop();
  expect(await told.closed).toBe(0);
  const line = told.printed().split("\n").find((each) => each.includes("WorkerStarted"))!;
  const { at, ...event } = JSON.parse(line) as { readonly at: string };
  expect(new Date(at).toISOString()).toBe(at);
  expect(event).toMatchObject({ type: "WorkerStarted", topic: "orders" });
});

it("refuses an address that other machines reach without a token, and says what to do", async () => {
  const open = start(["serve", "--host", "0.0.0.0", "--port", "0"]);
  expect(await open.closed).toBe(1);
  expect(open.printed()).toMatch(/"0\.0\.0\.0" can be reached from other machines: set a token/);
  const wrong = start(["serve", "--port", "0", "--deadline", "0", "--cors", "*", "--token", "not a token"]);
  expect(await wrong.closed).toBe(1);
  for (const name of ["token: ", "corsOrigins: ", "deadlineMs: "]) expect(wrong.printed()).toContain(name);
  expect(wrong.printed()).not.toContain("not a token");
});

it("dev leaves HTTP alone where it is told to", async () => {
  const dev = start(["dev", "--no-serve"]);
  await expect.poll(dev.printed, { timeout: 20_000 }).toContain("reads from offset");
  expect(dev.printed()).not.toContain("serving on");
  dev.stop();
  expect(await dev.closed).toBe(0);
});
