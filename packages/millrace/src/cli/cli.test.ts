import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";

const command = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));
const fixture = fileURLToPath(new URL("./fixture", import.meta.url));

interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

let dataDir: string;

beforeAll(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), "millrace-cli-"));
});

afterAll(() => rm(dataDir, { recursive: true, force: true }));

/** Runs the command as a user does: in the folder of the configuration, on the tests' own data directory. */
function millrace(args: readonly string[], options: { readonly input?: string; readonly stopAfter?: (stdout: () => string) => Promise<unknown> } = {}): Promise<Result> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [command, ...args, "--data", dataDir], { cwd: fixture, stdio: "pipe" });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, stdout, stderr }));
    child.stdin.end(options.input ?? "");
    if (options.stopAfter) void options.stopAfter(() => stdout).finally(() => child.kill("SIGTERM"));
  });
}

const json = <T>({ code, stdout, stderr }: Result): T => {
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as T;
};

const order = (at: string, shop: string | null, price: number): string => JSON.stringify({ at, shop, price });

const LINES = [
  order("2026-03-01T10:00:05Z", "harbour", 12.5),
  order("2026-03-01T10:00:40Z", "harbour", 30),
  order("2026-03-01T10:01:00Z", "harbour", 0.25),
  order("2026-03-01T11:20:00Z", null, 4.2),
  "{ this is no order",
  order("2026-03-01T10:00:59Z", "harbour", 99.99),
  order("2026-03-02T00:00:00Z", "station", 1),
];

const RANGE = ["--from", "2026-03-01", "--until", "2026-03-03"];

const everything = { rows: [
  { window: "2026-03-01T00:00:00.000Z", shop: "harbour", orders: 4, revenue: 142.74 },
  { window: "2026-03-01T00:00:00.000Z", shop: null, orders: 1, revenue: 4.2 },
  { window: "2026-03-02T00:00:00.000Z", shop: "station", orders: 1, revenue: 1 },
] };

it("appends lines to the log and prints them back as they were", async () => {
  const appended = await millrace(["log", "append", "--topic", "orders", "--create", "2", "--partition", "0", "--json"], { input: `${LINES.join("\n")}\n` });
  expect(json(appended)).toEqual({ topic: "orders", appended: LINES.length });
  const dump = await millrace(["log", "dump", "--topic", "orders"]);
  expect(dump.code, dump.stderr).toBe(0);
  const records = dump.stdout.trim().split("\n").map((line) => JSON.parse(line) as { partition: number; offset: number; appendedAt: number; value: string });
  expect(records.map(({ value }) => value)).toEqual(LINES);
  expect(records.map(({ partition, offset }) => [partition, offset])).toEqual(LINES.map((_, offset) => [0, offset]));
  for (const { appendedAt } of records) expect(Math.abs(Date.now() - appendedAt)).toBeLessThan(600_000);
});

it("answers from the speed layer alone, from a layer in a process of its own", async () => {
  await millrace(["speed"], { stopAfter: () => untilAnswered(7) });
  const answer = json<{ rows: unknown; envelope: { generation: number; complete: boolean } }>(
    await millrace(["query", "sales", ...RANGE, "--granularity", "day", "--order-by", "window asc", "--json"]),
  );
  expect(answer.rows).toEqual(everything.rows);
  expect(answer.envelope).toMatchObject({ generation: 0, complete: true });
});

it("plans, runs and lists a generation, and answers from both layers", async () => {
  await millrace(["ingest"], { stopAfter: () => untilSealed(6) });
  expect(json(await millrace(["batch", "plan", "--json"]))).toBeTypeOf("object");
  const run = await millrace(["batch", "run"]);
  expect(run.code, run.stderr).toBe(0);
  expect(run.stdout).toMatch(/generation 1 published .* drift 0/);
  expect(json<{ number: number }[]>(await millrace(["batch", "list", "--json"])).map(({ number }) => number)).toEqual([1]);
  const answer = json<{ rows: unknown; envelope: { generation: number; cut: object } }>(
    await millrace(["query", "sales", ...RANGE, "--granularity", "day", "--order-by", "window asc", "--json"]),
  );
  expect(answer.rows).toEqual(everything.rows);
  expect(answer.envelope.generation).toBe(1);
  const drift = json<{ view: string; status: string }[]>(await millrace(["reconcile", "--json"]));
  expect(drift.map(({ view, status }) => [view, status])).not.toContainEqual(["sales", "list"]);
});

it("filters, groups, orders and limits from the command line", async () => {
  const query = (...args: string[]) => millrace(["query", "sales", ...RANGE, ...args, "--json"]);
  expect(json(await query("--granularity", "all", "--by", "", "--order-by", "orders desc"))).toMatchObject({ rows: [{ orders: 6, revenue: 147.94 }] });
  expect(json(await query("--granularity", "all", "--where", "shop=station"))).toMatchObject({ rows: [{ shop: "station", orders: 1, revenue: 1 }] });
  expect(json(await query("--granularity", "all", "--where", "shop="))).toMatchObject({ rows: [{ shop: null, orders: 1, revenue: 4.2 }] });
  expect(json(await query("--granularity", "all", "--order-by", "revenue desc", "--limit", "1"))).toMatchObject({ rows: [{ shop: "harbour" }] });
});

it("lists and answers questions, with options of their own", async () => {
  const listed = await millrace(["ask"]);
  expect(listed.code, listed.stderr).toBe(0);
  const shape = [
    "best_shops",
    "  The shops that took most.",
    "  columns: window timestamp, shop text?, revenue sum",
    "  granularity: minute, hour, day (default), week, month, year, all; limit 1 a window",
    "  from views, exact to the last event: sales",
    "  --shop text  only this shop",
    "  --named flag  only shops with a name (default false)",
    "",
  ].join("\n");
  expect(listed.stdout).toBe(shape);
  const help = await millrace(["ask", "--help"]);
  expect(help.stdout).toMatch(/^Usage: millrace ask \[options\] \[question\]/);
  expect(help.stdout).toContain(shape);
  expect(json(await millrace(["ask", "--json"]))).toMatchObject([{ name: "best_shops", answeredBy: "views" }]);

  const ask = (...args: string[]) => millrace(["ask", "best_shops", ...RANGE, ...args, "--json"]);
  expect(json(await ask())).toMatchObject({
    rows: [{ window: "2026-03-01T00:00:00.000Z", shop: "harbour", revenue: 142.74 }, { window: "2026-03-02T00:00:00.000Z", shop: "station", revenue: 1 }],
    envelope: { complete: true },
  });
  expect(json(await ask("--granularity", "all", "--limit", "5"))).toMatchObject({ rows: [{ shop: "harbour" }, { shop: null, revenue: 4.2 }, { shop: "station" }] });
  expect(json(await ask("--granularity", "all", "--limit", "5", "--named=true"))).toMatchObject({ rows: [{ shop: "harbour" }, { shop: "station" }] });
  expect(json(await ask("--granularity", "all", "--shop", "station"))).toMatchObject({ rows: [{ shop: "station", revenue: 1 }] });
});

it("shows dead letters, and replays nothing that would only die again", async () => {
  const list = await millrace(["dead-letters", "list", "--json"]);
  expect(json(list)).toMatchObject({ topic: "orders", partition: 0, offset: 4, reason: "undecodable", value: "{ this is no order" });
  expect(json(await millrace(["dead-letters", "replay", "--json"]))).toEqual({ appended: 0, alreadyReplayed: 0, stillUndecodable: 1 });
});

it("shows how far the layers are, once or until it is stopped", async () => {
  const once = await millrace(["top", "--once"]);
  expect(once.code, once.stderr).toBe(0);
  expect(once.stdout).toMatch(/generation 1, published .* ago {3}answers are complete/);
  expect(once.stdout.split("\n").filter((line) => line.includes("orders"))).toHaveLength(2);
  const watched = await millrace(["top", "--json", "--every", "100"], { stopAfter: (stdout) => expect.poll(() => stdout().split("\n").length, { timeout: 30_000 }).toBeGreaterThan(2) });
  expect(watched.code, watched.stderr).toBe(0);
  const lines = watched.stdout.trim().split("\n").map((line) => JSON.parse(line) as { topics: readonly { topic: string; deadLetters: number }[] });
  for (const { topics } of lines) expect(topics.map(({ topic, deadLetters }) => [topic, deadLetters])).toEqual([["orders", 1]]);
  expect((await millrace(["top", "--every", "5"])).stderr).toContain("a number of ms, 100 or more, is wanted");
});

it("describes the resolved configuration and examines the platform", async () => {
  const described = json<{ views: { name: string; fingerprint: string }[] }>(await millrace(["describe", "--json"]));
  expect(described.views).toEqual([expect.objectContaining({ name: "sales", fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/) as string })]);
  const doctor = await millrace(["doctor", "--json"]);
  expect(json<{ name: string; ok: boolean }[]>(doctor).filter(({ ok }) => !ok)).toEqual([]);
});

it("prints the statements that make tables, where a store has any", async () => {
  expect(await millrace(["ddl"])).toEqual({ code: 0, stdout: 'store "lmdb" needs no tables\n', stderr: "" });
  expect(await millrace(["ddl", "--engine", "presto"])).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining("platform.mergedViews: the platform has none") as string });
  expect(json(await millrace(["ddl", "--apply", "--json"]))).toEqual({ store: "lmdb", needsTables: false, applied: true, statements: [] });
  const { code, stdout, stderr } = await millrace(["ddl", "--config", "cassandra.config.ts"]);
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout.match(/^CREATE .*$/gm)).toEqual([
    "CREATE KEYSPACE IF NOT EXISTS shop WITH replication = {'class': 'NetworkTopologyStrategy', 'datacenter1': '3'};",
    "CREATE TABLE IF NOT EXISTS shop.millrace_progress (",
    "CREATE TABLE IF NOT EXISTS shop.millrace_heartbeats (",
    "CREATE TABLE IF NOT EXISTS shop.sales (",
  ]);
  expect(stdout).toContain("  orders bigint,\n  revenue bigint,\n  PRIMARY KEY ((fingerprint, topic, received, shard), window_start, shop, log_version, log_partition, segment, segment_end)\n");
  expect(stdout).toContain("revenue in units of 10^-2");
});

it("says what is wrong and what to do", async () => {
  const fails = async (args: readonly string[], ...texts: readonly (string | RegExp)[]) => {
    const { code, stderr } = await millrace(args);
    expect(code).toBe(1);
    for (const text of texts) expect(stderr).toMatch(text);
    expect(stderr).not.toMatch(/\n\s+at /);
  };
  await fails(["query", "sails"], '"sails"', '"sales"');
  await fails(["query", "sales", ...RANGE, "--granularity", "second"], /granularity/);
  await fails(["query", "sales", ...RANGE, "--order-by", "nothing desc", "--zone", "Mars/Olympus"], /orderBy/, /zone/);
  await fails(["query", "sales", ...RANGE, "--where", "price=1"], /where\.price/);
  await fails(["query", "sales", "--from", "yesterday"], /ISO instant/);
  await fails(["ask", "best_shop"], 'there is no "best_shop"; did you mean "best_shops"?');
  await fails(["ask", "best_shops", "--shops", "x", "--named", "maybe", "--limit", "few"], /named: true or false is needed, not "maybe"/, /limit: a whole number is needed/);
  await fails(["ask", "best_shops", "--shops", "x"], /no such parameter: "shops"; did you mean "shop"/);
  await fails(["ask", "best_shops", "harbour"], /harbour: an option such as --name value is expected here/);
  await fails(["log", "dump", "--topic", "nothing"], /"nothing"/);
  await fails(["batch", "rollback", "99"], /99/);
  await fails(["nonsense"], /nonsense/);
  await fails(["describe", "--config", "missing.config.ts"], /missing\.config\.ts/, /--config/);
});

it("refuses a second process in one role", async () => {
  let done = (): void => undefined;
  const first = millrace(["ingest"], { stopAfter: () => new Promise<void>((resolve) => (done = resolve)) });
  await expect.poll(() => existsSync(path.join(dataDir, "locks/ingest.lock")), { timeout: 30_000 }).toBe(true);
  const second = await millrace(["ingest"]);
  expect(second.code).toBe(1);
  expect(second.stderr).toMatch(/role "ingest"/);
  done();
  expect((await first).code).toBe(0);
});

/** Until an answer holds the first `offset` records of partition 0. */
const untilAnswered = (offset: number) =>
  eventually(async () => {
    const { code, stdout } = await millrace(["query", "sales", ...RANGE, "--granularity", "all", "--json"]);
    if (code !== 0) return false;
    const { envelope } = JSON.parse(stdout) as { envelope: { asOf: { partition: number; offset: number }[] } };
    return envelope.asOf.some((at) => at.partition === 0 && at.offset >= offset);
  });

/** Until the master dataset holds the first `offset` records of partition 0. */
const untilSealed = (offset: number) =>
  eventually(async () => {
    const { code, stdout } = await millrace(["batch", "plan", "--json"]);
    if (code !== 0) return false;
    const { cut } = JSON.parse(stdout) as { cut: Record<string, { partition: number; offset: number }[]> };
    return cut["orders"]?.some((at) => at.partition === 0 && at.offset >= offset) ?? false;
  });

async function eventually(holds: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 100; i++) if (await holds()) return;
  throw new Error("it did not come true in a hundred tries");
}
