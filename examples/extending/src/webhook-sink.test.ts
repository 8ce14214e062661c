import { sinkConformance } from "@millrace/core/testing";
import { deliver, defineStream, int64, retrying, SinkWriteError, systemClock, text, timestamp, type SinkBatch } from "millrace";
import { testLambda } from "millrace/testing";
import { describe, expect, it, onTestFinished } from "vitest";
import { webhookServer, type TakenRow } from "./testing/webhook-server.js";
import { webhookSink } from "./webhook-sink.js";

const never = new AbortController().signal;
const batchOf = (rows: readonly TakenRow[]): SinkBatch<TakenRow> => ({ id: "orders/v1024-p0/7", topic: "orders", logVersion: 1_024, partition: 0, from: 7, until: 7 + rows.length, rows });
const rows = [0, 1, 2].map((n) => ({ n, text: `row ${n}` }));

describe("webhookSink", () => {
  // region kit
  sinkConformance<TakenRow>(it, async () => {
    const server = await webhookServer();
    return {
      sink: webhookSink(server),
      row: (n, large) => ({ n, text: large ? "x".repeat(1e6) : `row ${n}` }),
      readBack: async () => server.rows(),
      reopen: async () => webhookSink(server),
      disturb: async (how) => {
        server.behave(how === "fails" ? "refuses" : "hangs");
        return async () => server.behave("takes");
      },
      dispose: () => server.close(),
    };
  });
  // endregion

  const open = async (more: { readonly timeoutMs?: number } = {}) => {
    const server = await webhookServer();
    onTestFinished(() => server.close());
    return { server, sink: webhookSink<TakenRow>({ ...server, ...more }) };
  };

  it("says what the endpoint answered, and what of it may pass", async () => {
    const { server, sink } = await open();
    server.behave("refuses");
    await expect(sink.write(batchOf(rows), never)).rejects.toMatchObject({ message: 'writing batch "orders/v1024-p0/7" to sink "webhook": the endpoint answered 503 restarting', retryable: true });
    server.behave("forbids");
    await expect(sink.write(batchOf(rows), never)).rejects.toMatchObject({ message: 'writing batch "orders/v1024-p0/7" to sink "webhook": the endpoint answered 422 unknown field', retryable: false });
    expect(server.rows()).toEqual([]);
  });

  it("reports rows that were not taken, and brings the whole batch again", async () => {
    const { server, sink } = await open();
    server.behave("takes a part");
    await expect(sink.write(batchOf(rows), never)).rejects.toThrow("2 of 3 rows were not taken: 1, 2");
    expect(server.rows()).toEqual(rows.slice(0, 1));
    server.behave("takes");
    await sink.write(batchOf(rows), never);
    expect(server.rows()).toEqual(rows);
  });

  it("leaves one copy when the endpoint took the batch and its answer was lost, or came too late", async () => {
    const { server, sink } = await open({ timeoutMs: 100 });
    const retry = retrying({ firstDelayMs: 1 }, { clock: systemClock(), random: () => 0.5 });
    server.behave((request) => (["takes and breaks off", "takes and hangs", "refuses", "takes"] as const)[request]!);
    await retry("writing", (attempt) => sink.write(batchOf(rows), attempt), never);
    expect(server.requests).toEqual(Array.from({ length: 4 }, () => "orders/v1024-p0/7"));
    expect(server.rows()).toEqual(rows);
  });

  it("is told apart from nothing: an endpoint that is not there", async () => {
    const server = await webhookServer();
    await server.close();
    const error: unknown = await webhookSink<TakenRow>(server).write(batchOf(rows), never).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(SinkWriteError);
    expect(error).toMatchObject({ retryable: true, sink: "webhook", batchId: "orders/v1024-p0/7" });
  });
});

it("delivers a stream of a whole lambda to a webhook that fails now and then, once each", async () => {
  const server = await webhookServer();
  const orders = defineStream({ topic: "orders", columns: { at: timestamp("iso"), n: int64(), text: text() }, eventTime: "at" });
  server.behave((request) => (request % 3 === 1 ? "refuses" : request % 3 === 2 ? "takes and breaks off" : "takes"));
  {
    await using test = await testLambda({ views: [], outputs: [deliver(orders, webhookSink<TakenRow>(server), ({ n, text }) => ({ n, text }))], partitions: 1 });
    const until = async (count: number) => {
      while (server.batches.size < count) await test.advance("1 second");
    };
    for (let n = 0; n < 6; n++) {
      await test.events(orders, [{ at: "2026-01-01T00:00:00Z", n, text: `row ${n}` }, "no order"]);
      await test.advance("2 seconds");
      if (n === 3) await test.crash();
    }
    // The last batch is open until a record of the next one is seen.
    await until(5);
  }
  expect(server.rows()).toEqual([0, 1, 2, 3, 4].map((n) => ({ n, text: `row ${n}` })));
  expect(server.requests.length).toBeGreaterThan(5);
  await server.close();
});
