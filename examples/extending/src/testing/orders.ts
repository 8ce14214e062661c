import { createLambda, deliver, defineStream, embedded, int64, text, timestamp } from "millrace";
import type { PoolConfig } from "pg";
import { postgresSink } from "../postgres-sink.js";

export const orders = defineStream({ topic: "orders", columns: { at: timestamp("ms"), n: int64(), item: text() }, eventTime: "at" });

/** A lambda that does nothing but deliver orders to a table. */
export const ordersToPostgres = (dir: string, connection: PoolConfig) =>
  createLambda({
    views: [],
    outputs: [deliver(orders, postgresSink<{ readonly n: number; readonly item: string }>({ connection, table: "orders", columns: ["n", "item"] }))],
    platform: embedded(dir, { newTopicPartitions: 1 }),
  });
