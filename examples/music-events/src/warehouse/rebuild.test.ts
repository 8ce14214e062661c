import type { Columns, Generation, Model } from "millrace";
import { expect, it } from "vitest";
import { madeUpSite } from "../oracle/made-up-site.js";
import { pageOf } from "../oracle/page-of.js";
import { HOUR_MS, SimulatedSite } from "../oracle/simulated-site.js";
import { dimTime } from "./dim-time.js";
import { factAuth } from "./fact-auth.js";
import { factListen } from "./fact-listen.js";
import { warehouse } from "./warehouse.js";

const DAY_MS = 24 * HOUR_MS;
const FROM = Date.UTC(2025, 0, 6);
const midnight = (day: number) => FROM + day * DAY_MS;
const date = (day: number) => new Date(midnight(day)).toISOString().slice(0, 10);

const text = (row: object) => JSON.stringify(row, (_, value: unknown) => (typeof value === "bigint" ? `${value}n` : value));

/** Every row of every table, in the order of its key; but of the seconds of a day, which nothing changes. */
async function tables(site: SimulatedSite): Promise<Readonly<Record<string, readonly string[]>>> {
  const lambda = site.lambda();
  const rowsOf = async (model: Model<string, Columns>) => {
    const rows: string[] = [];
    for await (const row of lambda.table(model)) rows.push(text(row));
    return [model.name, rows] as const;
  };
  const all: (readonly [string, readonly string[]])[] = [];
  for (const model of warehouse) if (model.name !== dimTime.name) all.push(await rowsOf(model));
  return Object.fromEntries(all);
}

/** Loads what has arrived before an instant, as the command does. */
async function load(site: SimulatedSite, { cutAt, full }: { readonly cutAt: number; readonly full?: true }) {
  await site.ingest();
  return site.lambda().batch.run({ cutAt: new Date(cutAt), ...(full ? { full } : {}) });
}

/** The dates of a table that a run built. */
function built(generation: Generation, before: Generation, table: string): readonly string[] {
  const versions = (of: Generation) => of.tables.find(({ name }) => name === table)!.versions;
  return Object.entries(versions(generation)).flatMap(([day, { version }]) => (versions(before)[day]?.version === version ? [] : [day]));
}

/** The rows of another warehouse over the same log, built in one go. */
async function rebuilt(site: SimulatedSite, cutAt: number) {
  await using other = await SimulatedSite.open({ logOf: site });
  await load(other, { cutAt, full: true });
  return await tables(other);
}

it("loads in full and then by increments what a rebuild from nothing gives, row for row: a missed day, a rerun, late data, a backfill", { timeout: 180_000 }, async () => {
  await using site = await SimulatedSite.open({ startAt: FROM, partitions: 2 });
  site.send(madeUpSite({ seed: 5, from: FROM, days: 4, users: 20, lateShare: 0.1 }));

  await site.passUntil(midnight(1) + HOUR_MS);
  const first = await load(site, { cutAt: midnight(1), full: true });
  expect(first).toMatchObject({ number: 1, kind: "full", cutAt: midnight(1) });

  // Nobody ran the load of the second day.
  await site.passUntil(midnight(3) + HOUR_MS);
  await load(site, { cutAt: midnight(3) });
  const third = await tables(site);
  expect(third).toEqual(await rebuilt(site, midnight(3)));
  expect(third["fact_listen"]!.length).toBeGreaterThan(200);

  expect(await load(site, { cutAt: midnight(3) })).toMatchObject({ unchanged: true });

  // Two days late at most, as the site is; and a month that an old system delivers now.
  site.send(madeUpSite({ seed: 6, from: midnight(-30), days: 3, users: 12 }).map((record) => ({ ...record, arrivesAt: midnight(3) + 10 * HOUR_MS })));
  await site.passUntil(midnight(4) + HOUR_MS);
  await load(site, { cutAt: midnight(4) });

  await site.passUntil(midnight(6) + HOUR_MS);
  const last = (await load(site, { cutAt: midnight(6) })) as Generation;
  expect(await tables(site)).toEqual(await rebuilt(site, midnight(6)));
  const seconds: unknown[] = [];
  for await (const row of site.lambda().table(dimTime)) seconds.push(row);
  expect([seconds.length, seconds[3_661]]).toEqual([86_400, { time_key: 3_661, hour: 1, minute: 1, second: 1 }]);
  // A key, a reference, a column that is not null, and the counts of every fact.
  expect(last.checks.map(({ name }) => name)).toEqual(
    expect.arrayContaining(["dim_user: unique (user_key)", "fact_listen: user_key in dim_user(user_key)", expect.stringMatching(/^fact_page_view 2025-01-\d\d: one row per event of "views"$/)]),
  );
});

it("rebuilds the facts of the dates that a late level change concerns, and of no others", { timeout: 180_000 }, async () => {
  await using site = await SimulatedSite.open({ startAt: FROM, partitions: 1 });
  // A user a day, so that every day has other facts, too; and one who was free, and paid from the fifth day on.
  const visits = [0, 1, 2, 3, 4, 5, 6].flatMap((day) => [
    { ...pageOf(midnight(day) + HOUR_MS, 10 + day, "free"), arrivesAt: midnight(day) + 2 * HOUR_MS },
    ...(day === 3 ? [] : [{ ...pageOf(midnight(day) + 9 * HOUR_MS, 7, day < 4 ? "free" : "paid"), arrivesAt: midnight(day) + 10 * HOUR_MS }]),
  ]);
  site.send(visits);
  const at = async (day: number) => {
    await site.passUntil(midnight(day) + HOUR_MS / 2);
    return (await load(site, { cutAt: midnight(day), ...(day === 6 ? { full: true } : {}) })) as Generation;
  };
  const loaded = await at(6);
  const history = async () => {
    const rows: unknown[] = [];
    for await (const row of site.lambda().table(warehouse.find(({ name }) => name === "dim_user")!)) {
      const { user_id, level, valid_from, valid_until } = row as Record<string, unknown>;
      if (user_id === 7) rows.push([level, valid_from, valid_until]);
    }
    return rows.sort((a, b) => Number((a as Date[])[1]) - Number((b as Date[])[1]));
  };
  const upgraded = new Date(midnight(4) + 9 * HOUR_MS);
  const since = new Date(midnight(0) + 9 * HOUR_MS);
  expect(await history()).toEqual([["free", since, upgraded], ["paid", upgraded, null]]);

  // He had paid on the second day already, and was free again on the third: that page comes now.
  site.send([{ ...pageOf(midnight(1) + 10 * HOUR_MS, 7, "paid"), arrivesAt: midnight(6) + HOUR_MS }]);
  const corrected = await at(7);
  const [late, back] = [new Date(midnight(1) + 10 * HOUR_MS), new Date(midnight(2) + 9 * HOUR_MS)];
  expect(await history()).toEqual([["free", since, late], ["paid", late, back], ["free", back, upgraded], ["paid", upgraded, null]]);
  // The day of the page itself, those on which another version holds than before, and the new day. Not the first.
  expect(built(corrected, loaded, "fact_page_view")).toEqual([date(1), date(2), date(3), date(4), date(6)]);

  // A play that is no news of anybody's level changes its own date alone.
  site.send([{ ...pageOf(midnight(5) + 11 * HOUR_MS, 7, "paid"), arrivesAt: midnight(7) + HOUR_MS }]);
  const again = await at(8);
  expect(built(again, corrected, "fact_page_view")).toEqual([date(5)]);
  expect(built(again, corrected, "dim_user")).toEqual([]);
  for (const { name } of [factListen, factAuth]) expect(built(again, corrected, name)).toEqual([]);
  expect(await tables(site)).toEqual(await rebuilt(site, midnight(8)));
  expect((await tables(site))["fact_page_view"]).toHaveLength(7 + 6 + 2);
});
