import { expect, it } from "vitest";
import type { ColumnDefinition } from "../streams/column-definition.js";
import { printPredicate } from "./print-predicate.js";

const source = { in: "value", path: ["x"] } as const;
const columns: Record<string, ColumnDefinition> = {
  level: { kind: "text", optional: false, source },
  seconds: { kind: "decimal", scale: 2, as: "number", optional: true, source },
};
const printer = { identifier: (name: string) => `"${name}"`, literal: (value: unknown, column: ColumnDefinition) => `${column.kind}:${String(value)}` };

it("a predicate prints as SQL with its literals in the column's form", () => {
  const sql = printPredicate(
    {
      op: "and",
      all: [
        { op: "or", all: [{ op: "eq", column: "level", value: "paid" }, { op: "isNull", column: "seconds" }] },
        { op: "not", of: { op: "in", column: "level", values: ["a", "b"] } },
        { op: "ge", column: "seconds", value: 150 },
      ],
    },
    columns,
    printer,
  );
  expect(sql).toBe('((("level" = text:paid) OR ("seconds" IS NULL)) AND (NOT ("level" IN (text:a, text:b))) AND ("seconds" >= decimal:150))');
});

it("empty lists print what they mean", () => {
  expect(printPredicate({ op: "and", all: [] }, columns, printer)).toBe("TRUE");
  expect(printPredicate({ op: "or", all: [] }, columns, printer)).toBe("FALSE");
  expect(printPredicate({ op: "in", column: "level", values: [] }, columns, printer)).toBe('(CASE WHEN "level" IS NULL THEN NULL ELSE FALSE END)');
});

it("a column that does not exist is an error, not SQL", () => {
  expect(() => printPredicate({ op: "eq", column: "nope", value: 1 }, columns, printer)).toThrow('printing a predicate: there is no column "nope"');
});
