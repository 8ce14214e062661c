import type { Granularity } from "millrace";
import { expect, it } from "vitest";
import { questions } from "../questions/questions.js";
import { dumpLog } from "./log-dump.js";
import { simulateUntil, TRAPS } from "../simulator/index.js";
import { madeUpSite, type ArrivingRecord } from "./made-up-site.js";
import { HOUR_MS, SimulatedSite, streams } from "./simulated-site.js";
import { siteAnswers, type OracleAsked } from "./site-answers.js";
import { siteEvents } from "./site-events.js";

const FROM = Date.UTC(2025, 0, 30, 12);
const TOPICS = streams.map(({ topic }) => topic);
const EVERY: readonly (Granularity | "all")[] = ["second", "minute", "hour", "day", "week", "month", "year", "all"];
const never = new AbortController().signal;

/** Asks everything, and compares it with the fold of what is in the log: below the cut where the warehouse answers. */
async function compare(site: SimulatedSite, until: number, some: readonly (Granularity | "all")[]): Promise<void> {
  await site.catchUp();
  const lambda = site.lambda();
  const records = await dumpLog(site.platform.log, TOPICS, never);
  const { events } = siteEvents(records);
  const generation = (await lambda.batch.list()).at(-1)!;
  const below = events.filter(({ topic, partition, offset }) => offset < (generation.cut[topic]?.find((position) => position.partition === partition)?.offset ?? 0));
  const ranges: readonly (Omit<OracleAsked, "limit"> & { readonly granularity: Granularity | "all" })[] = [
    ...(["minute", "hour", "day", "week", "month", "year", "all"] as const).map((granularity) => ({ from: FROM - 24 * HOUR_MS, until, granularity, zone: "UTC" })),
    // Ten minutes that no minute begins or ends with.
    { from: FROM + 20 * HOUR_MS + 7_000, until: FROM + 20 * HOUR_MS + 607_000, granularity: "second", zone: "UTC" },
    { from: FROM + 20 * HOUR_MS + 7_000, until: FROM + 20 * HOUR_MS + 607_000, granularity: "all", zone: "UTC" },
    { from: FROM, until: FROM + 30 * HOUR_MS, granularity: "day", zone: "America/New_York" },
    { from: FROM, until: FROM + 30 * HOUR_MS, granularity: "week", zone: "America/New_York" },
  ];
  for (const { definition } of questions) {
    for (const range of ranges) {
      if (!definition.granularities.includes(range.granularity) || !some.includes(range.granularity)) continue;
      const limit = definition.limit ?? Number.POSITIVE_INFINITY;
      const { rows, envelope } = await lambda.ask(definition.name, range);
      const warehouseAnswer = definition.answeredBy.by === "models";
      expect(rows, `${definition.name} ${JSON.stringify(range)}`).toEqual(siteAnswers[definition.name]!(warehouseAnswer ? below : events, { ...range, limit }));
      expect(envelope.generation).toBe(generation.number);
      const behind = records.filter(({ topic, partition, offset }) => envelope.asOf.some((at) => at.topic === topic && at.partition === partition && offset >= at.offset)).length;
      expect([envelope.behind, envelope.complete]).toEqual([behind, true]);
      if (!warehouseAnswer) expect(behind).toBe(0);
    }
  }
  const places = await lambda.ask("top_locations", { from: FROM, until, granularity: "all", state: "MA", limit: 1 });
  expect(places.rows).toEqual(siteAnswers["top_locations"]!(events, { from: FROM, until, granularity: "all", zone: "UTC", limit: 1, state: "MA" }));
}

it.each([
  ["1", () => madeUpSite({ seed: 1, from: FROM, days: 3, users: 25 })],
  ["2, with every trap", () => madeUpSite({ seed: 2, from: FROM, days: 3, users: 25, traps: true })],
  ["3 of the simulator, with every trap", () => simulatedRecords()],
])("answers every question as a fold of the log does, with late events and over three generations, seed %s", async (name, records) => {
  await using site = await SimulatedSite.open({ startAt: FROM, partitions: 2 });
  site.send(records());
  for (const [hours, some] of [[24, ["hour"]], [54, ["day"]], [84, EVERY]] as const) {
    await site.passUntil(FROM + hours * HOUR_MS);
    await site.catchUp();
    await site.ingest();
    await site.lambda().batch.run();
    // What no generation has yet.
    await site.passUntil(FROM + (hours + 4) * HOUR_MS);
    await compare(site, FROM + (hours + 10) * HOUR_MS, some);
  }
  expect((await site.lambda().batch.list()).map(({ number }) => number)).toEqual([1, 2, 3]);
  await checkDeadLetters(site, name !== "1");
});

/** All that cannot be decoded is listed with a reason; what could be repaired is right again. */
async function checkDeadLetters(site: SimulatedSite, traps: boolean): Promise<void> {
  const { dead } = siteEvents(await dumpLog(site.platform.log, TOPICS, never));
  const lambda = site.lambda();
  await using server = await lambda.serve({ port: 0 });
  const { deadLetters, more } = (await (await fetch(`${server.url}/api/dead-letters?limit=1000`)).json()) as { deadLetters: readonly Readonly<Record<string, string>>[]; more: boolean };
  const place = ({ topic, partition, offset }: { readonly topic?: unknown; readonly partition?: unknown; readonly offset?: unknown }) => `${String(topic)} ${String(partition)} ${String(offset)}`;
  expect(deadLetters.map(place).sort()).toEqual(dead.map(place).sort());
  expect(more).toBe(false);
  expect(new Set(deadLetters.map(({ reason }) => reason)).size > 1).toBe(traps);
  for (const { detail } of deadLetters) expect(detail).toMatch(/\w/);
  const artists = await lambda.ask("top_artists", { from: FROM - 48 * HOUR_MS, until: FROM + 200 * HOUR_MS, granularity: "all", limit: 100_000 });
  expect(artists.rows.map((row) => row["artist"])).toContain("Björk");
  expect(artists.rows.filter((row) => /Ã|Â/.test(String(row["artist"])))).toEqual([]);
}

function simulatedRecords(): readonly ArrivingRecord[] {
  const site = simulateUntil({ seed: 3, users: 250, startMs: FROM, growthRate: 20, traps: TRAPS }, FROM + 84 * HOUR_MS);
  return [...site].map(({ topic, sentMs, value }) => ({ topic, arrivesAt: sentMs, value }));
}
