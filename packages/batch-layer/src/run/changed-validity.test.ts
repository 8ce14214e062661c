import { defineModel, int64, sql, text, timestamp, type TableGeneration } from "@millrace/core";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { memoryWarehouse, type MemoryWarehouse } from "../memory/memory-warehouse.js";
import { DAY_MS, utcDate } from "../master-dataset/utc-date.js";
import { changedValidity } from "./changed-validity.js";

const signal = new AbortController().signal;
const history = defineModel({
  name: "history",
  from: {},
  columns: { id: int64(), level: text().optional(), since: timestamp("ms").optional(), until: timestamp("ms").optional() },
  key: ["id"],
  partitioned: "whole",
  valid: { from: "since", until: "until" },
  sql: () => sql`select 1`,
}).definition;

let warehouse: MemoryWarehouse;
beforeAll(() => {
  warehouse = memoryWarehouse();
});
afterAll(async () => {
  await warehouse.engine.close();
  await warehouse.files.close();
});

interface Version {
  readonly id: number;
  readonly level: string | null;
  readonly since: number | null;
  readonly until: number | null;
}

let tables = 0;
async function tableOf(rows: readonly Version[]): Promise<TableGeneration> {
  const { dialect } = warehouse.engine;
  const instant = (ms: number | null) => (ms === null ? "CAST(NULL AS TIMESTAMP)" : dialect.timestamp(`${ms}`));
  const values = rows.map(({ id, level, since, until }) => `SELECT CAST(${id} AS BIGINT) AS id, CAST(${dialect.literal(level)} AS VARCHAR) AS level, ${instant(since)} AS since, ${instant(until)} AS until`);
  const select = values.length > 0 ? values.join(" UNION ALL ") : "SELECT CAST(1 AS BIGINT) AS id, '' AS level, now()::TIMESTAMP AS since, now()::TIMESTAMP AS until WHERE FALSE";
  const written = await warehouse.engine.writeTable(select, `history-${++tables}`, signal);
  const version = { version: `${tables}`, rows: rows.length, files: written.files.map(({ path }) => path), bytes: 0 };
  return { name: "history", kind: "model", partitioned: "whole", fingerprint: "", versions: { "": version } };
}

const changedDates = async (before: readonly Version[], after: readonly Version[], days: readonly number[]) => {
  const changed = await changedValidity({ ...warehouse, model: history, before: await tableOf(before), after: await tableOf(after) }, signal);
  return days.filter((day) => changed(utcDate(day)));
};

it("tells the dates of rows that came, went, have other values, or hold from or until another instant", async () => {
  const at = (day: number, hour: number) => day * DAY_MS + hour * 3_600_000;
  const free = { id: 1, level: "free", since: null, until: null };
  const days = [-3, -2, -1, 0, 1, 2, 3, 4, 5, 6];
  expect(await changedDates([free], [free], days)).toEqual([]);
  // A change of level now: the open version ends, another begins.
  expect(await changedDates([free], [{ ...free, until: at(4, 7) }, { id: 2, level: "paid", since: at(4, 7), until: null }], days)).toEqual([4, 5, 6]);
  // One that turns out to be earlier.
  const until = (hour: number, day = 4): readonly Version[] => [{ ...free, until: at(day, hour) }, { id: 2, level: "paid", since: at(day, hour), until: at(6, 0) }];
  expect(await changedDates(until(7), until(8, 1), days)).toEqual([1, 2, 3, 4]);
  expect(await changedDates(until(7), until(8), days)).toEqual([4]);
  expect(await changedDates([{ ...free, since: at(-2, 1), until: at(1, 0) }], [], days)).toEqual([-2, -1, 0]);
  expect(await changedDates([{ ...free, since: at(2, 0), until: at(2, 5) }], [{ ...free, level: null, since: at(2, 0), until: at(3, 1) }], days)).toEqual([2, 3]);
});

it("misses no date on which other rows hold", async () => {
  const side = fc.option(fc.integer({ min: -40, max: 40 }), { freq: 4 });
  const version = fc.record({ id: fc.integer({ min: 1, max: 6 }), level: fc.constantFrom("free", "paid", null), since: side, until: side });
  const rows = fc.uniqueArray(version, { selector: ({ id }) => id, maxLength: 6 });
  const hours = (versions: readonly Version[]) => versions.map((row) => ({ ...row, since: row.since && row.since * 3_600_000, until: row.until && row.until * 3_600_000 }));
  const days = [-3, -2, -1, 0, 1, 2];
  /** The rows that hold on a day, each with the part of the day on which it does. */
  const holding = (versions: readonly Version[], day: number) =>
    versions
      .map(({ id, level, since, until }) => ({ id, level, from: Math.max(since ?? -Infinity, day * DAY_MS), until: Math.min(until ?? Infinity, (day + 1) * DAY_MS) }))
      .filter((part) => part.from < part.until)
      .map((part) => JSON.stringify(part))
      .sort()
      .join();
  await fc.assert(
    fc.asyncProperty(rows, rows, async (some, others) => {
      const [before, after] = [hours(some), hours(others)];
      const told = await changedDates(before, after, days);
      const differing = days.filter((day) => holding(before, day) !== holding(after, day));
      expect(differing.filter((day) => !told.includes(day))).toEqual([]);
    }),
    { numRuns: 40 },
  );
});
