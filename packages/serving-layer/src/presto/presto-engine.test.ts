import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { ClosedError, collectRows, SqlError, type SqlEngine } from "@millrace/core";
import { prestoEngine, type PrestoEngineOptions } from "./presto-engine.js";

const never = new AbortController().signal;

/** A request as a test sees it. */
interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body: string;
  readonly headers: IncomingMessage["headers"];
}

type Answer = object | number | "cut" | "hang";

/** A server of the statement protocol that says what `answer` gives: a page, a status, half a page, or nothing. */
async function fakeServer(answer: (asked: Asked, base: string, count: number) => Answer): Promise<{ readonly port: number; readonly asked: Asked[] }> {
  const asked: Asked[] = [];
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let body = "";
    for await (const part of request) body += String(part);
    const one = { method: request.method!, path: request.url!, body, headers: request.headers };
    asked.push(one);
    const said = request.method === "DELETE" ? 204 : answer(one, `http://127.0.0.1:${port}`, asked.length);
    if (said === "hang") return;
    if (said === "cut") {
      response.writeHead(200, { "content-length": "1000" });
      response.write("{", () => response.destroy());
    } else if (typeof said === "number") response.writeHead(said).end(said === 500 ? "<html>broken\n\tat com.facebook.Presto.main(Presto.java:1)</html>" : undefined);
    else response.writeHead(200).end(typeof said === "string" ? said : JSON.stringify(said));
  };
  const server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port, asked };
}

const COLUMNS = [{ name: "n", type: "bigint" }];
const first = (base: string, more: object = {}): object => ({ id: "q", infoUri: base, stats: { state: "QUEUED" }, nextUri: `${base}/v1/statement/queued/q/1?slug=x`, ...more });
const page = (base: string, n: number, data: readonly (readonly unknown[])[] | undefined, last = false): object => ({ id: "q", infoUri: base, stats: { state: "RUNNING" }, columns: COLUMNS, ...(data === undefined ? {} : { data }), ...(last ? {} : { nextUri: `${base}/v1/statement/executing/q/${n}?slug=x` }) });
const failed = (errorName: string, message: string): object => ({ id: "q", stats: { state: "FAILED" }, error: { errorName, message, errorType: "X" } });

function engineOn(port: number, options: PrestoEngineOptions = {}): SqlEngine {
  const engine = prestoEngine({ port, ...options });
  onTestFinished(() => engine.close());
  return engine;
}

const rowsOf = (engine: SqlEngine, sql: string, signal = never) => collectRows(engine, sql, signal);

const failureOf = async (work: Promise<unknown>): Promise<unknown> => work.then(() => undefined, (error: unknown) => error);
const requests = (asked: readonly Asked[]): readonly string[] => asked.map(({ method, path }) => `${method} ${path.replace(/\?.*/, "")}`);

it("follows the pages of a statement, and says who asks, where and in which zone", async () => {
  const { port, asked } = await fakeServer(({ method, path }, base) => (method === "POST" ? first(base) : path.includes("queued") ? page(base, 1, undefined) : path.includes("/1") ? page(base, 2, [[1], [2]]) : page(base, 3, [[3]], true)));
  const engine = engineOn(port, { user: "ann", catalog: "cat", schema: "sch", session: { join_distribution_type: "BROADCAST,X" } });
  const { columns, blocks } = await engine.query("SELECT 'é'", never);
  expect(columns).toEqual([{ name: "n", type: "BIGINT" }]);
  const seen: unknown[] = [];
  for await (const block of blocks) {
    seen.push(block);
    // The next page is asked for when this one was taken.
    expect(asked.length).toBe(seen.length + 2);
  }
  expect(seen).toEqual([[[1], [2]], [[3]]]);
  expect(asked[0]).toMatchObject({ body: "SELECT 'é'", headers: { "x-presto-user": "ann", "x-presto-catalog": "cat", "x-presto-schema": "sch", "x-presto-time-zone": "UTC", "x-presto-session": "join_distribution_type=BROADCAST%2CX" } });
  expect(requests(asked)).toEqual(["POST /v1/statement", "GET /v1/statement/queued/q/1", "GET /v1/statement/executing/q/1", "GET /v1/statement/executing/q/2"]);
});

it("speaks to Trino with its headers", async () => {
  const { port, asked } = await fakeServer(({ method }, base) => (method === "POST" ? first(base) : page(base, 1, [[7]], true)));
  expect(await rowsOf(engineOn(port, { dialect: "trino" }), "SELECT 7")).toEqual([[7]]);
  expect(asked[0]!.headers).toMatchObject({ "x-trino-user": "millrace", "x-trino-catalog": "hive", "x-trino-time-zone": "UTC" });
});

it("tells the server's message, the statement, no stack, and whether it may pass", async () => {
  const failing = async (answer: object | number): Promise<SqlError> => {
    const { port } = await fakeServer(() => answer as Answer);
    const error = await failureOf(rowsOf(engineOn(port), "SELECT x FROM nowhere"));
    expect(error).toBeInstanceOf(SqlError);
    return error as SqlError;
  };
  const syntax = await failing(failed("SYNTAX_ERROR", "line 1:8: no such thing"));
  expect([syntax.message, syntax.retryable, syntax.statement, syntax.engine]).toEqual(['running SQL on "presto": SYNTAX_ERROR: line 1:8: no such thing\nSELECT x FROM nowhere', false, "SELECT x FROM nowhere", "presto"]);
  expect((await failing(failed("NO_NODES_AVAILABLE", "No nodes available to run query"))).retryable).toBe(true);
  expect((await failing(failed("SERVER_STARTING_UP", "Presto server is still initializing"))).retryable).toBe(true);
  expect((await failing(failed("GENERIC_INTERNAL_ERROR", "sortedCandidates is null or empty for ModularHashingNodeProvider"))).retryable).toBe(true);
  expect((await failing(failed("DIVISION_BY_ZERO", "/ by zero"))).retryable).toBe(false);
  expect((await failing(500)).message).toBe('running SQL on "presto": the server answers with status 500: broken\nSELECT x FROM nowhere');
});

it("sends a SELECT once more that found nobody before its first row, and nothing else", async () => {
  const busy = await fakeServer(({ method }, base, count) => (count === 1 ? 503 : count === 2 ? failed("NO_NODES_AVAILABLE", "none") : method === "POST" ? first(base) : page(base, 1, [[7]], true)));
  expect(await rowsOf(engineOn(busy.port), "SELECT 7")).toEqual([[7]]);
  expect(requests(busy.asked)).toEqual(["POST /v1/statement", "POST /v1/statement", "POST /v1/statement", "GET /v1/statement/queued/q/1"]);
  const cut = await fakeServer(() => "cut");
  expect(await failureOf(rowsOf(engineOn(cut.port), "SELECT 7"))).toMatchObject({ code: "SQL", retryable: true, message: expect.stringContaining("cannot be reached: the connection was lost in the middle of an answer") as string });
  expect(cut.asked.length).toBe(2);
  const changing = await fakeServer(() => "cut");
  await expect(rowsOf(engineOn(changing.port), "CREATE SCHEMA s")).rejects.toThrow("cannot be reached");
  expect(changing.asked.length).toBe(1);
  // Nobody listens there.
  expect(await failureOf(rowsOf(engineOn(1), "SELECT 7"))).toMatchObject({ code: "SQL", retryable: true, message: expect.stringContaining("ECONNREFUSED") as string });
});

it("asks for an answer once more that was cut off, and fails rather than end there", async () => {
  let cuts = 1;
  const { port } = await fakeServer(({ method, path }, base) => (method === "POST" ? first(base) : path.includes("queued") ? page(base, 1, [[1]]) : cuts-- > 0 ? "cut" : page(base, 2, [[2]], true)));
  expect(await rowsOf(engineOn(port), "SELECT 1")).toEqual([[1], [2]]);
  cuts = 2;
  expect(await failureOf(rowsOf(engineOn(port), "SELECT 1"))).toMatchObject({ code: "SQL", retryable: true });
});

it("an abort rejects with its reason at once and cancels on the server, also a statement that has no name yet", async () => {
  const enough = new Error("enough");
  for (const hangsAt of ["queued", "executing"]) {
    const { port, asked } = await fakeServer(({ method, path }, base) => (method === "POST" ? first(base) : path.includes(hangsAt) ? "hang" : page(base, 1, [[1]])));
    const engine = engineOn(port);
    const stop = new AbortController();
    const reading = failureOf(rowsOf(engine, "SELECT 1", stop.signal));
    await expect.poll(() => asked.some(({ path }) => path.includes(hangsAt))).toBe(true);
    stop.abort(enough);
    expect(await reading).toBe(enough);
    await engine.close();
    expect(requests(asked).at(-1)).toMatch(new RegExp(`^DELETE /v1/statement/${hangsAt}/q/1$`));
  }
  const { port, asked } = await fakeServer((_, base) => first(base));
  const engine = engineOn(port);
  const stop = new AbortController();
  const reading = failureOf(engine.query("SELECT 1", stop.signal));
  await Promise.resolve();
  stop.abort(enough);
  expect(await reading).toBe(enough);
  await engine.close();
  expect(requests(asked).filter((each) => !each.startsWith("GET"))).toEqual(asked.length === 0 ? [] : ["POST /v1/statement", "DELETE /v1/statement/queued/q/1"]);
});

it("an iteration that ends early, and close, cancel on the server", async () => {
  const { port, asked } = await fakeServer(({ method }, base) => (method === "POST" ? first(base) : page(base, 1, [[1]])));
  const engine = engineOn(port);
  for await (const _ of (await engine.query("SELECT 1", never)).blocks) break;
  await expect.poll(() => requests(asked).at(-1)).toBe("DELETE /v1/statement/executing/q/1");
  const { blocks } = await engine.query("SELECT 1", never);
  const before = asked.length;
  await engine.close();
  await engine.close();
  expect(requests(asked.slice(before))).toEqual(["DELETE /v1/statement/executing/q/1"]);
  const reading = async (): Promise<void> => {
    for await (const _ of blocks);
  };
  expect(await failureOf(reading())).toBeInstanceOf(ClosedError);
  expect(await failureOf(engine.query("SELECT 1", never))).toBeInstanceOf(ClosedError);
  expect(await failureOf(engine.writeTable("SELECT 1", "t/version=1", never))).toBeInstanceOf(ClosedError);
});

it("a server that gives no rows in time loses the statement", async () => {
  const { port, asked } = await fakeServer(({ method }, base) => (method === "POST" ? first(base) : "hang"));
  expect(await failureOf(rowsOf(engineOn(port, { timeoutMs: 1_500 }), "SELECT 1"))).toMatchObject({ code: "SQL", retryable: true, message: 'running SQL on "presto": there were no rows after 1500 ms; the statement was cancelled\nSELECT 1' });
  await expect.poll(() => requests(asked)).toEqual(["POST /v1/statement", "GET /v1/statement/queued/q/1", "DELETE /v1/statement/queued/q/1"]);
});

it("reads versions of a table, by the names of columns, and refuses those that are not all there", async () => {
  const { port, asked } = await fakeServer(({ method, body }, base) => (method === "POST" ? (body.includes("$partitions") ? { ...first(base), nextUri: `${base}/v1/statement/queued/check` } : first(base)) : page(base, 1, [[7]], true)));
  const engine = engineOn(port);
  const scan = (dates: readonly string[]): string => `SELECT n FROM ${engine.dialect.scan(dates.map((date) => `hdfs://x/tables/plays/date=${date}/version=1/a.parquet`), { n: "BIGINT" })} t`;
  // The number of partitions that the server tells is 7.
  const seven = Array.from({ length: 7 }, (_, day) => `2024-01-0${day + 1}`);
  expect(await rowsOf(engine, scan(seven))).toEqual([[7]]);
  expect(asked[0]!.headers["x-presto-session"]).toBe("hive.parquet_use_column_names=true");
  expect(asked[0]!.body).toContain('FROM "hive"."millrace"."plays_versions" WHERE ("millrace_date" = \'2024-01-01\' AND "millrace_version" = \'1\') OR');
  expect(await failureOf(rowsOf(engine, scan([...seven, "2024-01-08"])))).toMatchObject({ code: "SQL", retryable: true, message: expect.stringContaining('of 8 versions of the table "plays" the schema "hive.millrace" has 7') as string });
  await expect(engine.writeTable("SELECT 1", "tables/x/version=1", never)).rejects.toThrow("this engine reads only");
});
