import fc from "fast-check";
import { expect, it } from "vitest";
import { prestoDialect } from "./presto-dialect.js";
import { countVersionsSql, prestoIdentifier, prestoText, takePrestoScans, versionsOfScan, versionsSql } from "./presto-scan.js";

const tables = { catalog: "hive", schema: "millrace" };

it("a scan comes out of a statement as it went in, whatever stands around it", () => {
  const scan = fc.record({ uris: fc.array(fc.string(), { minLength: 1 }), columns: fc.dictionary(fc.string().filter((name) => name !== "__proto__"), fc.constantFrom("BIGINT", "VARCHAR"), { minKeys: 1, noNullPrototype: true }) });
  fc.assert(
    fc.property(scan, fc.string(), fc.string(), ({ uris, columns }, text, name) => {
      const dead = `SELECT ${prestoText(`millrace_files('${text}')`)} AS ${prestoIdentifier(`${name} millrace_files('x')`)} -- millrace_files('y')\n/* millrace_files('z') */`;
      const taken: unknown[] = [];
      const sql = takePrestoScans(`${dead} FROM ${prestoDialect.scan(uris, columns)} t`, (each) => {
        taken.push(each);
        return "here";
      });
      expect(taken).toEqual([{ uris, columns }]);
      expect(sql).toBe(`${dead} FROM here t`);
    }),
  );
});

it("the files of versions are partitions with literal values", () => {
  const uris = ["a.parquet", "b.parquet"].flatMap((file) => ["2024-01-01", "2024-01-02"].map((date) => `hdfs://x/tables/plays/date=${date}/version=0001-it's/${file}`));
  const versions = versionsOfScan({ uris, columns: {} });
  expect(versions).toEqual({ table: "plays", versions: ["2024-01-01", "2024-01-02"].map((date) => ({ date, version: "0001-it's" })) });
  const where = `("millrace_date" = '2024-01-01' AND "millrace_version" = '0001-it''s') OR ("millrace_date" = '2024-01-02' AND "millrace_version" = '0001-it''s')`;
  expect(versionsSql(tables, versions, ["n", 'a"b'])).toBe(`(SELECT "n", "a""b" FROM "hive"."millrace"."plays_versions" WHERE ${where})`);
  expect(countVersionsSql(tables, versions)).toBe(`SELECT count(*) FROM "hive"."millrace"."plays_versions$partitions" WHERE ${where}`);
  expect(versionsOfScan({ uris: ["file:///root/tables/songs/version=7/part-0.parquet"], columns: {} })).toEqual({ table: "songs", versions: [{ date: undefined, version: "7" }] });
});

it("refuses files that are in no table, and those of two", () => {
  expect(() => versionsOfScan({ uris: ["file:///master/plays/date=2024-01-01/a.parquet"], columns: {} })).toThrow('reading "file:///master/plays/date=2024-01-01/a.parquet" with Presto: it reads tables of the metastore');
  expect(() => versionsOfScan({ uris: ["/tables/a/version=1/x", "/tables/b/version=1/x"], columns: {} })).toThrow('reading the tables "a" and "b" with one scan');
});

it("no files are an empty table of the declared columns", () => {
  expect(prestoDialect.scan([], { n: "BIGINT", words: "VARCHAR[]", raw: "BLOB" })).toBe('(SELECT CAST(NULL AS BIGINT) AS "n", CAST(NULL AS ARRAY(VARCHAR)) AS "words", CAST(NULL AS VARBINARY) AS "raw" WHERE FALSE)');
});
