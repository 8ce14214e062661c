import { describe, expect, it } from "vitest";
import { boolean, decimal, float64, int64, text, timestamp } from "../streams/column-type.js";
import type { ColumnType } from "../streams/column-type.js";
import { presentValue } from "../streams/present-value.js";
import { convertLiteral } from "./convert-literal.js";

const convert = (column: ColumnType, value: unknown) => {
  const converted = convertLiteral({ source: { in: "key" }, ...column.definition }, value);
  return "literal" in converted ? converted.literal : converted.problem;
};

describe("values in a filter", () => {
  it("take the form that the column has inside", () => {
    expect(convert(text(), "é")).toBe("é");
    expect(convert(boolean(), false)).toBe(false);
    expect(convert(float64(), 1.5)).toBe(1.5);
    expect(convert(timestamp("s"), new Date(1_500))).toBe(1_500);
    expect(convert(int64(), 5n)).toBe(5);
    expect(convert(int64("bigint"), 2n ** 62n)).toBe(2n ** 62n);
    expect(Object.is(convert(int64(), -0), 0)).toBe(true);
    expect(convert(decimal(2), 1.1)).toBe(110);
    expect(convert(decimal(2), 0.1 + 0.2)).toBe("0.30000000000000004 is not a decimal of at most 2 digits after the point");
    expect(convert(decimal(18, "string"), "9.223372036854775807")).toBe(9223372036854775807n);
    expect(convert(decimal(3), 7n)).toBe(7_000);
  });

  it("that the column cannot hold are told, not rounded", () => {
    expect(convert(text(), 5)).toBe("a text is needed, not 5");
    expect(convert(text(), "\ud83d")).toMatch(/has half of a surrogate pair$/);
    expect(convert(boolean(), "true")).toBe('true or false is needed, not "true"');
    expect(convert(float64(), Number.NaN)).toBe("a finite number is needed, not NaN");
    expect(convert(timestamp("ms"), 1_000)).toBe("a valid Date is needed, not 1000");
    expect(convert(timestamp("ms"), new Date(Number.NaN))).toBe("a valid Date is needed, not an invalid Date");
    expect(convert(int64(), 1.5)).toBe("a whole number up to 2^53, or a bigint is needed, not 1.5");
    expect(convert(int64(), 2 ** 53)).toBe("a whole number up to 2^53, or a bigint is needed, not 9007199254740992");
    expect(convert(int64(), 2n ** 63n)).toBe("9223372036854775808n is beyond 64 bits");
    expect(convert(decimal(2), "1.234")).toBe('"1.234" is not a decimal of at most 2 digits after the point');
    expect(convert(decimal(18), 10)).toBe("10 is beyond 64 bits");
    expect(convert(decimal(2), null)).toBe('a number, or a text such as "1.50" is needed, not null');
  });

  it("present as they were written", () => {
    const roundTrip = (column: ColumnType, value: unknown) => presentValue({ source: { in: "key" }, ...column.definition }, convert(column, value));
    expect(roundTrip(decimal(5), 123.45678)).toBe(123.45678);
    expect(roundTrip(decimal(2, "string"), "1.5")).toBe("1.50");
    expect(roundTrip(int64("bigint"), 5n)).toBe(5n);
    expect(roundTrip(timestamp("ms"), new Date(7))).toEqual(new Date(7));
    expect(presentValue({ kind: "text", optional: true, source: { in: "key" } }, null)).toBeNull();
  });
});
