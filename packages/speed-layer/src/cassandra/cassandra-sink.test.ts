import { describe, expect, it } from "vitest";
import { simulatedClock } from "@millrace/core";
import type { SinkBatch, SinkWriteError } from "@millrace/core";
import { sinkConformance } from "@millrace/core/testing";
import { cassandraSink } from "./cassandra-sink.js";
import type { CassandraSinkSettings } from "./cassandra-sink.js";
import { FakeCassandra, driverError } from "./testing/fake-cassandra.js";

interface Login {
  readonly userId: bigint;
  readonly level: string | null;
}

const never = new AbortController().signal;
const CREATE = "CREATE TABLE IF NOT EXISTS shop.user_login (\n  user_id bigint,\n  level text,\n  PRIMARY KEY ((user_id))\n) WITH x AND comment = ''";

async function world() {
  const cassandra = new FakeCassandra({ clock: simulatedClock(1_700_000_000_000) });
  await cassandra.client().execute("CREATE KEYSPACE IF NOT EXISTS shop WITH replication = {'class': 'SimpleStrategy', 'replication_factor': '1'}", [], {});
  const sink = (more: Partial<CassandraSinkSettings<Login>> = {}) =>
    cassandraSink<Login>({ client: cassandra.client({ wide: "bigint" }), keyspace: "shop", table: "user_login", columns: { user_id: "userId", level: ({ level }) => level }, create: CREATE, ...more });
  const rows = (): Login[] => cassandra.select("shop.user_login").map((row) => {
    const { high, low } = row["user_id"] as { readonly high: number; readonly low: number };
    return { userId: (BigInt(high) << 32n) | BigInt(low >>> 0), level: row["level"] as string | null };
  });
  return { cassandra, sink, rows };
}

function batch(from: number, rows: readonly Login[], partition = 0): SinkBatch<Login> {
  return { id: `auth/v1024-p${partition}/${from}`, topic: "auth", logVersion: 1_024, partition, from, until: from + rows.length, rows };
}

describe("cassandraSink", () => {
  sinkConformance(it, async () => {
    const { cassandra, sink, rows } = await world();
    return {
      sink: sink(),
      row: (n: number, large?: boolean): Login => ({ userId: BigInt(n), level: large === true ? "x".repeat(1_000_000) : n % 3 === 0 ? null : `level ${n}` }),
      readBack: async () => rows(),
      reopen: async () => sink(),
      disturb: async (how: "fails" | "hangs") => {
        cassandra.fault = (request, run) => {
          if (request.kind !== "write") return Promise.resolve(run());
          return how === "hangs" ? new Promise(() => undefined) : Promise.reject(driverError("OperationTimedOutError", "no answer"));
        };
        return async () => {
          cassandra.fault = undefined;
        };
      },
    };
  });

  it("replaces a row by a later one of its key, whole, and never by an earlier one", async () => {
    const { sink, rows } = await world();
    const own = sink();
    const first = batch(0, [{ userId: 1n, level: "free" }, { userId: 1n, level: "paid" }, { userId: 2n, level: "free" }]);
    await own.write(first, never);
    expect(rows()).toEqual([{ userId: 1n, level: "paid" }, { userId: 2n, level: "free" }]);
    await own.write(batch(3, [{ userId: 1n, level: null }]), never);
    await own.write(first, never);
    expect(rows()).toEqual([{ userId: 1n, level: null }, { userId: 2n, level: "free" }]);
  });

  it("leaves a column as it is where nulls are to be left", async () => {
    const { sink, rows } = await world();
    const own = sink({ nulls: "leave" });
    await own.write(batch(0, [{ userId: 1n, level: "free" }]), never);
    await own.write(batch(1, [{ userId: 1n, level: null }]), never);
    expect(rows()).toEqual([{ userId: 1n, level: "free" }]);
  });

  it("says what is wrong with its table", async () => {
    const { cassandra, sink } = await world();
    const refused = async (more: Partial<CassandraSinkSettings<Login>>): Promise<string> => {
      const error = (await sink(more).write(batch(0, [{ userId: 1n, level: "free" }]), never).catch((thrown: unknown) => thrown)) as SinkWriteError;
      expect([error.name, error.retryable]).toEqual(["SinkWriteError", false]);
      return `${error.message}; ${error.advice}`;
    };
    const { create: _, ...without } = { create: CREATE };
    cassandra.drop("shop.user_login");
    expect(await refused({ ...without, table: "elsewhere" })).toContain('there is no table "elsewhere" in keyspace "shop"; create it, or give the sink `create`');
    expect(await refused({ columns: { user_id: "userId", userLevel: "level" } })).toContain('there is no column "userLevel"');
    expect(await refused({ columns: { level: "level" } })).toContain('column "user_id" of the primary key is not written');
    expect(() => sink({ ttlSeconds: 0 })).toThrow("ttlSeconds is 0, a positive integer is needed");
  });

  it("makes rows that leave after a time, when it is told to", async () => {
    const clock = simulatedClock(1_700_000_000_000);
    const cassandra = new FakeCassandra({ clock });
    await cassandra.client().execute("CREATE KEYSPACE IF NOT EXISTS shop WITH replication = {'class': 'SimpleStrategy', 'replication_factor': '1'}", [], {});
    const own = cassandraSink<Login>({ client: cassandra.client(), keyspace: "shop", table: "user_login", columns: { user_id: "userId", level: "level" }, create: CREATE, ttlSeconds: 60 });
    await own.write(batch(0, [{ userId: 1n, level: "free" }]), never);
    clock.set(1_700_000_059_999);
    expect(cassandra.select("shop.user_login")).toHaveLength(1);
    clock.set(1_700_000_060_000);
    expect(cassandra.select("shop.user_login")).toEqual([]);
  });
});
