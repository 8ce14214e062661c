import { sinkConformance } from "@millrace/core/testing";
import { ClosedError, SinkWriteError, type SinkBatch } from "millrace";
import { Client } from "pg";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { postgresSink } from "./postgres-sink.js";
import { commitWatcher } from "./testing/commit-watcher.js";
import { orders, ordersToPostgres } from "./testing/orders.js";
import { postgresServer } from "./testing/postgres-server.js";

interface Row {
  readonly n: number;
  readonly text: string;
}

let server: Awaited<ReturnType<typeof postgresServer>>;
beforeAll(async () => {
  server = await postgresServer();
});
afterAll(() => server.close());

const never = new AbortController().signal;

/** One statement on a connection of its own. */
async function query<T extends object>(statement: string): Promise<T[]> {
  const client = new Client(server.connection);
  await client.connect();
  try {
    return (await client.query<T>(statement)).rows;
  } finally {
    await client.end();
  }
}

const batchOf = <R>(rows: readonly R[], from = 0): SinkBatch<R> => ({ id: `orders/v1024-p0/${from}`, topic: "orders", logVersion: 1_024, partition: 0, from, until: from + rows.length, rows });

let tables = 0;
async function newTable(columns = "n int, text text"): Promise<string> {
  const table = `rows_${tables++}`;
  await query(`CREATE TABLE ${table} (${columns})`);
  return table;
}

describe("postgresSink", () => {
  // region kit
  sinkConformance<Row>(it, async () => {
    const table = await newTable();
    const open = () => postgresSink<Row>({ connection: server.connection, table, columns: ["n", "text"] });
    const sink = open();
    return {
      sink,
      row: (n, large) => ({ n, text: large ? "x".repeat(1e6) : `row ${n}` }),
      readBack: () => query<Row>(`SELECT n, text FROM ${table}`),
      reopen: async () => open(),
      disturb: async (how) => {
        if (how === "hangs") return lock(table);
        await server.stop();
        return server.start;
      },
      dispose: () => sink.close(),
    };
  });
  // endregion

  /** Has everyone who writes to the table wait. */
  async function lock(table: string): Promise<() => Promise<void>> {
    const client = new Client(server.connection);
    await client.connect();
    await client.query("BEGIN");
    await client.query(`LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
    return () => client.end();
  }

  it("writes a batch's rows all or none", async () => {
    const table = await newTable("n int CHECK (n < 2), text text");
    const sink = postgresSink<Row>({ connection: server.connection, table, columns: ["n", "text"] });
    onTestFinished(() => sink.close());
    const error: unknown = await sink.write(batchOf([0, 1, 2].map((n) => ({ n, text: "" }))), never).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(SinkWriteError);
    expect(error).toMatchObject({ retryable: false });
    expect((error as Error).message).toContain(`violates check constraint`);
    expect(await query(`SELECT * FROM ${table}`)).toEqual([]);
    // Its id was not kept either.
    await sink.write(batchOf([{ n: 1, text: "" }]), never);
    expect(await query(`SELECT n FROM ${table}`)).toEqual([{ n: 1 }]);
  });

  it("keeps numbers, instants and texts exactly, and no text becomes SQL", async () => {
    const table = await newTable('"big" bigint, "at" timestamptz, "text; DROP" text, price numeric');
    const sink = postgresSink<object>({ connection: server.connection, table, columns: ["big", "at", "text; DROP", "price"] });
    onTestFinished(() => sink.close());
    await sink.write(batchOf([{ big: 2n ** 63n - 1n, at: new Date(1), "text; DROP": "'; --", price: "0.10" }, { big: null, at: null, "text; DROP": null, price: null }]), never);
    expect(await query(`SELECT * FROM ${table}`)).toEqual([
      { big: "9223372036854775807", at: new Date(1), "text; DROP": "'; --", price: "0.10" },
      { big: null, at: null, "text; DROP": null, price: null },
    ]);
  });

  it("leaves one copy of a batch that two writers write at the same time", async () => {
    const table = await newTable();
    const sinks = Array.from({ length: 4 }, () => postgresSink<Row>({ connection: server.connection, table, columns: ["n", "text"] }));
    onTestFinished(async () => void (await Promise.all(sinks.map((sink) => sink.close()))));
    const rows = Array.from({ length: 500 }, (_, n) => ({ n, text: `row ${n}` }));
    await Promise.all(sinks.map((sink) => sink.write(batchOf(rows), never)));
    expect(await query(`SELECT n, text FROM ${table} ORDER BY n`)).toEqual(rows);
  });
});

it("leaves one copy when the writer is killed between its transaction and the acknowledgement", async () => {
  const dir = await mkdtemp(path.join(tmpdir(), "millrace-postgres-sink-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  await query("CREATE TABLE orders (n int, item text)");
  const all = Array.from({ length: 1_500 }, (_, n) => ({ at: Date.now(), n, item: `item ${n}` }));
  {
    await using lambda = ordersToPostgres(dir, server.connection);
    await lambda.append(orders, all);
  }

  const watcher = await commitWatcher(server.connection.port, () => writer.kill("SIGKILL"));
  onTestFinished(() => watcher.close());
  const program = fileURLToPath(new URL("./testing/postgres-writer.ts", import.meta.url));
  const writer = spawn(process.execPath, ["--import", "tsx", program, dir, String(watcher.port)], {
    env: { ...process.env, TSX_TSCONFIG_PATH: fileURLToPath(new URL("../tsconfig.json", import.meta.url)) },
    stdio: ["ignore", "inherit", "inherit"],
  });
  onTestFinished(() => void writer.kill("SIGKILL"));
  const [, died] = (await once(writer, "exit")) as [number | null, string | null];
  expect(died).toBe("SIGKILL");
  // The transaction is there, and nobody was told.
  const first = all.slice(0, 1_000).map(({ n, item }) => ({ n, item }));
  expect(await query("SELECT n, item FROM orders ORDER BY n")).toEqual(first);

  const lambda = ordersToPostgres(dir, server.connection);
  const repeated: string[] = [];
  const again = new Promise<void>((resolve) => {
    lambda.observe((event) => {
      if (event.type !== "SinkBatchWritten") return;
      repeated.push(event.id);
      resolve();
    });
  });
  const stop = new AbortController();
  const speed = lambda.speed({ signal: stop.signal });
  await again;
  stop.abort();
  await speed;
  expect(repeated).toEqual(["orders/v1024-p0/0"]);
  expect(await query("SELECT n, item FROM orders ORDER BY n")).toEqual(first);
  await lambda.close();
  await expect(lambda.definitions.outputs[0]!.sink.write(batchOf([{}]), never)).rejects.toThrow(ClosedError);
}, 60_000);
