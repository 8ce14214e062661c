import { avg, count, countDistinct, decimal, defineMeasure, defineStream, defineView, int64, text, timestamp, type StoredView, type TableGeneration, type ViewDefinition } from "@millrace/core";
import { describe, expect, it } from "vitest";
import { MAX_MERGED_VIEW_CHARACTERS, generationOfMergedView, mergedView, mergedViewProblem, type MergedViewOptions } from "./merged-view.js";

const plays = defineStream({ topic: "plays", columns: { at: timestamp("ms"), song: text().optional(), seconds: decimal(2), userId: int64() }, eventTime: "at" });
const chart = defineView({ name: "Chart", from: plays, by: ["song"], every: "minute", measures: (c) => ({ plays: count(), mean: avg(c.seconds), users: countDistinct(c.userId) }) }).definition;
const stored: StoredView = {
  schema: "shop", table: "chart", progressTable: "millrace_progress", bucketMs: 900_000, shards: 2,
  dimensions: [{ column: "song", nullText: "␀" }], cells: ["plays", "mean__sum", "mean__count", "users"],
};
const table: TableGeneration = {
  name: "Chart", kind: "view", partitioned: "date", fingerprint: chart.fingerprint,
  versions: { "2026-01-01": { version: "11-a", rows: 1, files: [], bytes: 1 }, "2026-01-02": { version: "12-b", rows: 1, files: [], bytes: 1 } },
};
const options: MergedViewOptions = {
  view: chart, stored, batch: { generation: { number: 12 }, table }, starts: [{ partition: 0, logVersion: 1_024, offset: 80, inCut: true }, { partition: 1, logVersion: 1_024, offset: 3, inCut: false }],
  buckets: { from: 1_800_000, until: 4_500_000 },
  place: { dialect: "presto", catalog: "hive", schema: "serving", tables: "millrace", speedCatalog: "cassandra" },
};

describe("mergedView", () => {
  it("has generation, cut and buckets as literals", () => {
    const sql = mergedView(options);
    expect(sql).toMatch(/^CREATE OR REPLACE VIEW "hive"."serving"."chart" AS WITH c AS \(/);
    expect(sql).toContain(`p.generation = '12' AND p.table_name = 'Chart' AND t.millrace_version IN ('11-a', '12-b')`);
    expect(sql).toContain("MAP(ARRAY['1024/0', '1024/1'], ARRAY[80, 3])");
    expect(sql).toContain("received IN (from_unixtime(1800e0), from_unixtime(2700e0), from_unixtime(3600e0)) AND shard IN (0, 1)");
    expect(sql).toContain("IF(n = 2, BIGINT '0'");
    expect([...sql.matchAll(/ AS ("[a-zA-Z_]+")(?=[,)]| FROM \(SELECT \*)/g)].map(([, name]) => name)).toEqual(expect.arrayContaining(['"plays"', '"mean"', '"mean__sum"', '"mean__count"', '"users"', '"users__hll"']));
    expect(sql.length).toBeLessThan(MAX_MERGED_VIEW_CHARACTERS);
  });

  it("tells what generation it is of", () => {
    expect(generationOfMergedView(mergedView(options))).toBe(12);
    expect(generationOfMergedView(mergedView({ ...options, batch: null }))).toBeNull();
    expect(generationOfMergedView("SELECT 1")).toBeUndefined();
  });

  it("reads no table of a generation while nothing is published", () => {
    expect(mergedView({ ...options, batch: null })).not.toContain("published");
  });

  it("spells instants of the speed layer as Trino has them", () => {
    const sql = mergedView({ ...options, place: { ...options.place, dialect: "trino" } });
    expect(sql).toContain("CAST(speed.window_start AT TIME ZONE 'UTC' AS TIMESTAMP(3)) AS window_start");
    expect(mergedView(options)).toContain("SELECT speed.window_start AS window_start");
  });

  it("refuses a text that no metastore keeps", () => {
    expect(() => mergedView({ ...options, buckets: { from: 0, until: 1_000 * 900_000 } })).toThrow(/writing the merged view "Chart": its text has \d+ characters, and metastores keep 20000/);
  });

  it("lists some bucket", () => expect(() => mergedView({ ...options, buckets: { from: 900_000, until: 900_000 } })).toThrow("it would list no bucket"));

  it("says which views cannot be said in SQL", () => {
    const longest = defineMeasure({ name: "longest", input: [int64()], zero: () => 0, add: (a: number, b) => Math.max(a, b), merge: Math.max, present: (n) => n, encode: (n) => Uint8Array.of(n), decode: ([n]) => n ?? 0 });
    const viewOf = (view: { readonly definition: ViewDefinition }) => mergedViewProblem(view.definition);
    expect(viewOf(defineView({ name: "own", from: plays, by: [], every: "hour", measures: (c) => ({ best: longest(c.userId) }) }))).toBe('the measure "best" is presented by a function of its own, which SQL cannot say');
    expect(mergedViewProblem(chart)).toBeUndefined();
  });
});
