import fc from "fast-check";
import { expect, it } from "vitest";
import { INT64_MAX, INT64_MIN, normalInt64 } from "@millrace/core";
import { exactJson } from "./exact-json.js";
import { prestoColumn, prestoRowReader } from "./presto-rows.js";

const int64 = fc.oneof(fc.bigInt({ min: INT64_MIN, max: INT64_MAX }), fc.constantFrom(INT64_MIN, INT64_MAX, 2n ** 53n, 2n ** 53n - 1n, -1n - 2n ** 53n, 0n));
/** One value of a type, through JSON as a server writes it. */
const read = (type: string, json: string): unknown => prestoRowReader([prestoColumn({ name: "x", type })])([exactJson.parse(`[${json}]`) as readonly unknown[]])[0]![0];

it("reads every 64-bit integer exactly, also in sketches, whose keys come in order", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer(), int64)), (pairs) => {
      const map = new Map(pairs);
      for (const value of map.values()) expect(read("bigint", String(value))).toEqual(normalInt64(value));
      const json = `{${[...map].map(([key, value]) => `"${key}":${value}`).join(",")}}`;
      const expected = [...map].sort(([a], [b]) => a - b).map(([key, value]) => [key, normalInt64(value)]);
      expect(read("map(integer,bigint)", json)).toEqual(expected);
      // Some versions send the map as text.
      expect(read("map(integer, bigint)", JSON.stringify(json))).toEqual(expected);
    }),
  );
});

it("leaves texts and doubles of digits as they are, beside integers that are long", () => {
  const digits = fc.oneof(fc.string(), fc.stringMatching(/^[-\d"\\,:e.]{0,40}$/));
  fc.assert(
    fc.property(fc.array(fc.tuple(digits, int64, fc.double({ noNaN: true, noDefaultInfinity: true })), { minLength: 1 }), (rows) => {
      const reader = prestoRowReader([{ name: "t", type: "varchar" }, { name: "n", type: "bigint" }, { name: "d", type: "double" }].map(prestoColumn));
      // As Java prints a double: with a point.
      const double = (value: number): string => (Object.is(value, -0) ? "-0.0" : /[.e]/.test(String(value)) ? String(value) : `${value}.0`);
      const json = `[${rows.map(([text, integer, value]) => `[${JSON.stringify(text)},${integer},${double(value)}]`).join(",")}]`;
      expect(reader(exactJson.parse(json) as readonly (readonly unknown[])[])).toEqual(rows.map(([text, integer, value]) => [text, normalInt64(integer), value]));
    }),
  );
});

it("reads timestamps as epoch ms, in any year of four digits and with an offset", () => {
  fc.assert(
    fc.property(fc.date({ min: new Date("0001-01-01T00:00:00Z"), max: new Date("9999-12-31T23:59:59.999Z"), noInvalidDate: true }), fc.constantFrom("", " UTC"), (instant, zone) => {
      expect(read("timestamp", JSON.stringify(instant.toISOString().replace("T", " ").replace("Z", zone)))).toBe(instant.getTime());
    }),
  );
  expect(read("timestamp(6) with time zone", '"2024-02-29 12:34:56.789123 +01:30"')).toBe(Date.UTC(2024, 1, 29, 11, 4, 56, 789));
  expect(read("timestamp with time zone", '"1969-12-31 23:59:59.999 -01:00"')).toBe(3_599_999);
  expect(() => read("timestamp with time zone", '"2024-02-29 12:34:56.789 Europe/Berlin"')).toThrow("AT TIME ZONE 'UTC'");
});

it("reads what else there is", () => {
  expect([read("double", '"NaN"'), read("double", '"-Infinity"'), read("real", "1.5"), read("integer", "-7")]).toEqual([NaN, -Infinity, 1.5, -7]);
  expect([read("decimal(38,5)", '"123.45000"'), read("date", '"2024-02-29"'), read("char(3)", '"x  "'), read("json", '"{\\"a\\":1}"')]).toEqual(["123.45000", "2024-02-29", "x  ", '{"a":1}']);
  expect([read("boolean", "false"), read("bigint", "null"), read("varbinary", '"AP8="'), read("map(integer,bigint)", "{}")]).toEqual([false, null, new Uint8Array([0, 255]), []]);
  expect(read("array(varchar)", '["a","b"]')).toBe('["a","b"]');
  expect(() => prestoRowReader([])([[1]])).toThrow("a row has 1 values, but there are 0 columns");
});
