import { startSpark, type RunningSpark } from "@millrace/servers";
import { afterAll, beforeAll, expect, it } from "vitest";
import { collectRows, count, CURRENT_PATH, defineStream, defineView, int64, readCurrent, timestamp, type FileSystem, type Generation, type SqlEngine, type TableCatalog } from "@millrace/core";
import { belowCutOf, openWarehouse, signal, type Warehouse } from "../testing/warehouse.js";
import { hiveCatalog } from "./hive-catalog.js";
import { hiveEngine } from "./hive-engine.js";

const START = Date.UTC(2026, 0, 1);
const SETTLE_MS = 2_000;
const stream = defineStream({ topic: "plays", columns: { at: timestamp("ms"), user: int64() }, eventTime: "at" });
const perHour = defineView({ name: "per_hour", from: stream, by: ["user"], every: "hour", measures: () => ({ n: count() }) });

let spark: RunningSpark;
let warehouse: Warehouse;
let engine: SqlEngine;
let catalog: TableCatalog;
let sent = 0;
beforeAll(async () => {
  // Of its own: it is killed.
  spark = await startSpark();
  warehouse = openWarehouse({ views: [perHour.definition], grid: { segmentOffsets: 10, segmentMs: 3_600_000 }, partitions: 1, startMs: START });
  engine = hiveEngine({ files: warehouse.files, host: spark.host, port: spark.port });
  catalog = hiveCatalog({ files: warehouse.files, engine, settleMs: SETTLE_MS });
});
afterAll(async () => {
  await engine.close();
  await warehouse.close();
  await spark.stop();
});

/** Ten more events, sealed by the first of the next ten. */
async function arrive(): Promise<void> {
  for (let i = 0; i < 10; i++, sent++) warehouse.append(0, { at: new Date(START + sent * 60_000), user: sent % 3 }, { appendedAt: START + sent * 1_000 });
  await warehouse.ingest();
}
/** As a process that has just started runs it. */
const run = (more: { readonly files?: FileSystem; readonly engine?: SqlEngine; readonly catalog?: TableCatalog } = {}) => warehouse.batch({ engine, catalog, ...more }).run({}, signal);
async function completed(): Promise<Generation> {
  const made = await run();
  return "unchanged" in made ? made.current! : made;
}
/** How many events SQL users see. */
async function seen(): Promise<number> {
  const [row] = await collectRows(engine, "SELECT sum(n) FROM millrace.per_hour", signal);
  return Number(row![0]);
}
const expectSeen = async (generation: Generation) => expect.poll(seen).toBe(belowCutOf(generation, "plays", warehouse.placed).length);

it("completes with the next run what a run left that was killed between the steps of publication", async () => {
  await arrive();
  await arrive();
  let last = await completed();
  expect(belowCutOf(last, "plays", warehouse.placed)).toHaveLength(10);
  await expectSeen(last);
  const { files } = warehouse;
  const killed = () => Promise.reject(new Error("killed"));
  const kills: readonly (readonly [string, Parameters<typeof run>[0], "as before" | "claimed" | "shown"])[] = [
    ["after the tables, before the metastore knows them", { catalog: { ...catalog, prepare: killed } }, "as before"],
    ["before the claim", { files: { ...files, putIfAbsent: (path, content, abort) => (path.startsWith("generations/") ? killed() : files.putIfAbsent(path, content, abort)) } }, "as before"],
    ["after the claim", { catalog: { ...catalog, show: killed } }, "claimed"],
    ["between the two switches", { files: { ...files, replace: (path, content, abort) => (path === CURRENT_PATH ? killed() : files.replace(path, content, abort)) } }, "shown"],
  ];
  for (const [when, how, left] of kills) {
    await arrive();
    await expect(run(how), when).rejects.toThrow("killed");
    expect((await readCurrent(files, signal))!.number, when).toBe(last.number);
    if (left !== "shown") expect(await seen(), when).toBe(belowCutOf(last, "plays", warehouse.placed).length);
    expect(await catalog.current(signal), when).toBe(left === "shown" ? last.number + 1 : last.number);
    const next = await completed();
    expect(next.number, when).toBe(last.number + 1);
    expect([(await readCurrent(files, signal))!.number, await catalog.current(signal)], when).toEqual([next.number, next.number]);
    await expectSeen(next);
    expect(belowCutOf(next, "plays", warehouse.placed).length, when).toBe(sent - 10);
    last = next;
  }
});

it("publishes nothing when the Thrift Server is killed under a table that it writes, and the next run completes", async () => {
  const before = await completed();
  await arrive();
  const dying: SqlEngine = {
    name: engine.name,
    dialect: engine.dialect,
    query: (sql, abort) => engine.query(sql, abort),
    async writeTable(select, folder, abort) {
      const writing = engine.writeTable(select, folder, abort);
      writing.catch(() => {});
      await spark.thrift.kill();
      return writing;
    },
    close: () => engine.close(),
  };
  await expect(run({ engine: dying })).rejects.toMatchObject({ code: expect.stringMatching(/^(SQL|UNAVAILABLE)$/) as string, retryable: true });
  expect((await readCurrent(warehouse.files, signal))!.number).toBe(before.number);
  await spark.thrift.start();
  await expectSeen(before);
  const next = await completed();
  expect(next.number).toBe(before.number + 1);
  expect(belowCutOf(next, "plays", warehouse.placed)).toHaveLength(sent - 10);
  await expectSeen(next);
});
