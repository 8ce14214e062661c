// A process of its own that delivers until it is killed: `postgres-writer.ts <data directory> <port>`.
import { ordersToPostgres } from "./orders.js";

const [, , dir, port] = process.argv;
await ordersToPostgres(dir!, { host: "127.0.0.1", port: Number(port), user: "millrace", database: "postgres" }).speed();
