import { lambdaLaws, measureLaws } from "@millrace/core/testing";
import { count, decimal, defineStream, defineView, embedded, text, timestamp } from "millrace";
import { testLambda } from "millrace/testing";
import fc from "fast-check";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mostFrequent } from "./most-frequent.js";
import { variance } from "./variance.js";

// region view
const requests = defineStream({
  topic: "requests",
  columns: { at: timestamp("ms"), path: text(), seconds: decimal(3), agent: text().optional() },
  eventTime: "at",
});

const latency = defineView({ name: "latency", from: requests, by: ["path"], every: "minute", measures: (c) => ({ requests: count(), variance: variance(c.seconds) }) });
const agents = defineView({ name: "agents", from: requests, by: [], every: "minute", measures: (c) => ({ agent: mostFrequent(c.agent) }) });
// endregion

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), "millrace-measures-"));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

// region laws
const rows = fc.record({
  at: fc.date({ noInvalidDate: true, min: new Date("2026-01-01"), max: new Date("2026-01-02") }),
  path: fc.constantFrom("/", "/cart"),
  seconds: fc.integer({ min: 0, max: 60_000 }).map((ms) => ms / 1_000),
  agent: fc.option(fc.constantFrom("curl", "firefox", "safari")),
});

describe("variance", () => {
  // With an engine, what SQL makes of the rows is compared with the fold.
  measureLaws(it, { from: requests, measure: (c) => variance(c.seconds), rows, engine: () => embedded(dir).engine });
});
describe("mostFrequent", () => {
  measureLaws(it, { from: requests, measure: (c) => mostFrequent(c.agent), rows });
});
// endregion

describe("in a whole lambda", () => {
  const grid = { segmentOffsets: 20, segmentMs: 60_000 };
  lambdaLaws(it, {
    create: async ({ maxInFlight }) => (await testLambda({ views: [latency, agents], grid, sealGuardMs: 5_000, maxInFlight })).subject(),
    records: rows.map((row) => ({ topic: "requests", partition: row.path.length, value: JSON.stringify({ ...row, at: row.at.getTime() }) })),
    runs: 4,
  });

  it("are what they should be, from both layers, and without drift", async () => {
    await using test = await testLambda({ views: [latency, agents], grid, sealGuardMs: 5_000, startAt: new Date("2026-01-01T10:00:00Z"), partitions: 1 });
    const request = (time: string, seconds: number, agent: string | null) => ({ at: Date.parse(`2026-01-01T${time}Z`), path: "/", seconds, agent });
    const range = { from: new Date("2026-01-01T09:00:00Z"), until: new Date("2026-01-01T11:00:00Z"), granularity: "all" } as const;
    const answers = async (requests: number, ofAll: number, agent: string) => {
      await test.expectAnswer(latency, range, [{ path: "/", requests, variance: ofAll }]);
      await test.expectAnswer(agents, range, [{ agent }]);
    };
    await test.events(requests, [request("10:00:00", 2, "curl"), request("10:00:01", 4, "firefox"), request("10:00:02", 4, "firefox"), request("09:59:00", 4, null)]);
    await answers(4, 0.75, "firefox");
    await test.advance("2 minutes");
    await test.publish();
    await answers(4, 0.75, "firefox");

    // Into windows that are in the generation already, and a new one: the rest of 2, 4, 4, 4, 5, 5, 7, 9.
    await test.events(requests, [request("10:00:09", 5, "curl"), request("10:00:10", 5, "curl"), request("10:01:00", 7, "safari")]);
    await test.advance("2 minutes");
    await test.events(requests, [request("10:02:00", 9, "safari")]);
    await answers(8, 4, "curl");
    await test.lambda.layers.ingest().drain(new AbortController().signal);
    const { tables } = await test.lambda.batch.plan();
    expect(Object.fromEntries(tables.map(({ name, folded }) => [name, folded]))).toEqual({ latency: {}, agents: { "2026-01-01": 'measure "agent" has no SQL' } });
    await test.publish();
    const [, second] = await test.lambda.batch.list();
    expect(second!.drift).toEqual([
      { view: "latency", status: "none", rowsCompared: 3 },
      { view: "agents", status: "none", rowsCompared: 3 },
    ]);
    await answers(8, 4, "curl");
    expect((await test.query(latency, range)).envelope.generation).toBe(2);
  });
});
