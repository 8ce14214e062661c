import { expect, it } from "vitest";
import { createMusicEvents } from "../music-events.js";
import { madeUpSite } from "../oracle/made-up-site.js";
import { HOUR_MS, SimulatedSite } from "../oracle/simulated-site.js";
import { eventTables } from "./event-tables.js";
import { factListen } from "./fact-listen.js";

const FROM = Date.UTC(2025, 0, 6);

it("have an event for each fact, with what the fact does not tell, and are there only if they are asked for", { timeout: 60_000 }, async () => {
  await using site = await SimulatedSite.open({ startAt: FROM, partitions: 2 });
  site.send(madeUpSite({ seed: 5, from: FROM, days: 1, users: 8, lateShare: 0.1 }));
  await site.passUntil(FROM + 25 * HOUR_MS);
  await site.ingest();
  const deployment = { platform: site.platform, outputs: [] };
  const lambda = createMusicEvents({ deployment, eventTables: true });
  const generation = await lambda.batch.run({ cutAt: new Date(FROM + 24 * HOUR_MS) });
  expect(generation).toMatchObject({ number: 1 });

  const facts: unknown[] = [];
  for await (const { log_partition, log_offset, ts, duration, user_agent } of lambda.table(factListen)) facts.push([log_partition, log_offset, ts, duration, user_agent]);
  const events: unknown[] = [];
  for await (const { _partition, _offset, ts, duration, userAgent, song, _appended_at } of lambda.table(eventTables[0])) {
    events.push([_partition, _offset, ts, duration, userAgent]);
    expect([typeof song, _appended_at.getTime() >= FROM]).toEqual(["string", true]);
  }
  expect(events).toEqual(facts);
  expect(events.length).toBeGreaterThan(20);

  const without = createMusicEvents({ deployment });
  expect((await without.batch.plan({ cutAt: new Date(FROM + 24 * HOUR_MS) })).removed).toEqual(eventTables.map(({ name }) => name));
});
