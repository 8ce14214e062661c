import type { Granularity } from "millrace";
import { expect, it } from "vitest";
import { questions } from "../questions/questions.js";
import { dumpLog } from "./log-dump.js";
import { madeUpSite } from "./made-up-site.js";
import { HOUR_MS, SimulatedSite, streams } from "./simulated-site.js";
import { siteAnswers, type OracleAsked } from "./site-answers.js";
import { siteEvents } from "./site-events.js";

const FROM = Date.UTC(2025, 0, 30, 12);
const TOPICS = streams.map(({ topic }) => topic);
const never = new AbortController().signal;

/** Asks everything, and compares it with the fold of what is in the log: below the cut where the warehouse answers. */
async function compare(site: SimulatedSite, until: number): Promise<void> {
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
      if (!definition.granularities.includes(range.granularity)) continue;
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

it.each([1, 2])("answers every question as a fold of the log does, with late events and over three generations, seed %i", async (seed) => {
  await using site = await SimulatedSite.open({ startAt: FROM, partitions: 2 });
  site.send(madeUpSite({ seed, from: FROM, days: 3, users: 25 }));
  for (const hours of [24, 54, 84]) {
    await site.passUntil(FROM + hours * HOUR_MS);
    await site.catchUp();
    await site.ingest();
    await site.lambda().batch.run();
    // What no generation has yet.
    await site.passUntil(FROM + (hours + 4) * HOUR_MS);
    await compare(site, FROM + (hours + 10) * HOUR_MS);
  }
  expect((await site.lambda().batch.list()).map(({ number }) => number)).toEqual([1, 2, 3]);
});
