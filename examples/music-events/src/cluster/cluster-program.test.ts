import { appendFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { createClusterProgram } from "./cluster-program.js";
import { followLogs } from "./follow-logs.js";

function emptyDir(): string {
  const dir = mkdtempSync(path.join(tmpdir(), "millrace-cluster-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

async function run(dir: string, ...words: readonly string[]): Promise<{ readonly said: string; readonly errors: string; readonly failure: unknown }> {
  const [said, errors]: [string[], string[]] = [[], []];
  const program = createClusterProgram({ print: (text) => said.push(text), progress: (line) => errors.push(line) });
  for (const command of [program, ...program.commands]) command.exitOverride().configureOutput({ writeErr: (text) => errors.push(text) });
  const failure: unknown = await program.parseAsync(["node", "cluster", "--run-dir", dir, ...words]).then(
    () => undefined,
    (error: unknown) => error,
  );
  return { said: said.join("\n"), errors: errors.join("\n"), failure };
}

describe.each([
  ["up --without oracle", "there is no oracle; there are kafka, cassandra, hdfs"],
  ["up --only ,", "no part is named; there are kafka"],
  ["up --port-offset 1.5", "a whole number is wanted"],
  ["up --rate 0", "a number above 0 is wanted"],
  ["up --backfill 721", "a number of hours from 0 to 720 is wanted"],
  ["up --traps rain", "there is no trap rain; there are "],
  ["logs kafka --lines none", "a number of lines is 1 or more"],
  ["start", "unknown command 'start'"],
])("cluster %s", (typed, said) => {
  it("is refused before anything is started", async () => {
    const dir = emptyDir();
    const { errors, failure } = await run(dir, ...typed.split(" "));
    expect(failure).toMatchObject({ exitCode: 1 });
    expect(errors).toContain(said);
    expect(existsSync(path.join(dir, "cluster.json"))).toBe(false);
  });
});

it("refuses a selection that cannot work, and ports that are none, before anything is started", async () => {
  const dir = emptyDir();
  expect((await run(dir, "up", "--without", "hdfs")).failure).toMatchObject({ code: "CLUSTER_USAGE", advice: "leave out what needs it as well: --without hdfs,metastore,spark,presto,ingest,speed,serving" });
  expect((await run(dir, "up", "--port-offset", "60000")).failure).toMatchObject({ code: "CLUSTER_USAGE", advice: "all must lie from 1024 to 65535" });
  expect(existsSync(path.join(dir, "cluster.json"))).toBe(false);
});

it("says where nothing was started, and removes no folder that is not its own", async () => {
  const dir = emptyDir();
  expect((await run(dir, "status")).said).toBe("nothing was started here: npm run cluster -- up");
  expect(JSON.parse((await run(dir, "status", "--json")).said)).toMatchObject({ runDir: dir, processes: [], memoryMb: 0, pages: [] });
  expect((await run(dir, "logs")).failure).toMatchObject({ message: "looking for processes: nothing was started here", advice: "npm run cluster -- up" });
  expect((await run(dir, "env")).said.split("\n")).toContain("export MILLRACE_CASSANDRA=127.0.0.1:9042,127.0.0.2:9042");
  expect((await run(dir, "down", "--delete-data")).failure).toMatchObject({ message: `removing "${dir}": no cluster was started there` });
  expect(existsSync(dir)).toBe(true);
});

it("follows logs that grow, come later and begin anew", async () => {
  const dir = emptyDir();
  const [a, b] = [path.join(dir, "a.log"), path.join(dir, "b.log")];
  writeFileSync(a, "before\n");
  const lines: string[] = [];
  const stop = new AbortController();
  const following = followLogs([{ name: "a", file: a }, { name: "b", file: b }], (name, line) => lines.push(`${name} ${line}`), stop.signal);
  appendFileSync(a, "one\nt");
  await expect.poll(() => lines).toEqual(["a one"]);
  appendFileSync(a, "wo\n");
  writeFileSync(b, "first of b\n");
  await expect.poll(() => lines).toEqual(["a one", "a two", "b first of b"]);
  writeFileSync(a, "anew\n");
  await expect.poll(() => lines.at(-1)).toBe("a anew");
  stop.abort();
  await following;
});
