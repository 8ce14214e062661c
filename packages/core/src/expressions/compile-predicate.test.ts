import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ColumnVector } from "../events/column-vector.js";
import type { TextDictionary } from "../events/text-dictionary.js";
import { compilePredicate } from "./compile-predicate.js";
import type { Literal, PredicateNode } from "./predicate-node.js";


const values: Record<string, fc.Arbitrary<Literal>> = {
  song: fc.constantFrom<Literal[]>("", "a", "b", "B", "é", "ﬀ", "😀", "\uffee"),
  plays: fc.integer({ min: -3, max: 3 }),
  id: fc.constantFrom<Literal[]>(-(2n ** 63n), 0, 1, 2n ** 53n, 2n ** 63n - 1n),
  x: fc.constantFrom<Literal[]>(-1.5, -0, 0, 0.1, 1e300),
  paid: fc.boolean(),
};
const names = Object.keys(values);
const row = fc.record(Object.fromEntries(names.map((name) => [name, fc.option(values[name]!, { freq: 4 })])));
const nodes = fc.letrec<{ node: PredicateNode }>((tie) => ({
  node: fc.oneof(
    { depthSize: "small" },
    ...names.map((column) =>
      fc.oneof<fc.Arbitrary<PredicateNode>[]>(
        fc.record({ op: fc.constantFrom("eq", "ne", "lt", "le", "gt", "ge"), column: fc.constant(column), value: values[column]! }),
        fc.record({ op: fc.constant("in" as const), column: fc.constant(column), values: fc.array(values[column]!, { maxLength: 3 }) }),
        fc.record({ op: fc.constantFrom("isNull", "isNotNull"), column: fc.constant(column) }),
      ),
    ),
    fc.record({ op: fc.constantFrom("and" as const, "or" as const), all: fc.array(tie("node"), { maxLength: 3 }) }),
    fc.record({ op: fc.constant("not" as const), of: tie("node") }),
  ),
}));

/** SQL's three-valued logic as its standard tells it; undefined is unknown. */
function naive(node: PredicateNode, at: Readonly<Record<string, Literal | null>>): boolean | undefined {
  switch (node.op) {
    case "isNull":
      return at[node.column] === null;
    case "isNotNull":
      return at[node.column] !== null;
    case "and": {
      const all = node.all.map((each) => naive(each, at));
      return all.includes(false) ? false : all.includes(undefined) ? undefined : true;
    }
    case "or": {
      const all = node.all.map((each) => naive(each, at));
      return all.includes(true) ? true : all.includes(undefined) ? undefined : false;
    }
    case "not": {
      const result = naive(node.of, at);
      return result === undefined ? undefined : !result;
    }
    default: {
      const value = at[node.column];
      if (value === null || value === undefined) return undefined;
      const compare = (other: Literal) =>
        typeof value === "string" ? Buffer.compare(Buffer.from(value), Buffer.from(String(other))) : value < other ? -1 : value > other ? 1 : 0;
      if (node.op === "in") return node.values.some((each) => compare(each) === 0);
      const order = compare(node.value);
      return { eq: order === 0, ne: order !== 0, lt: order < 0, le: order <= 0, gt: order > 0, ge: order >= 0 }[node.op];
    }
  }
}

/** A dictionary that later batches add to, as a decoder's does. */
class GrowingDictionary implements TextDictionary {
  readonly texts: string[] = [];
  get size(): number {
    return this.texts.length;
  }
  text(code: number): string {
    return this.texts[code]!;
  }
  bytes(code: number): Uint8Array {
    return Buffer.from(this.text(code));
  }
  code(text: string): number {
    const found = this.texts.indexOf(text);
    return found >= 0 ? found : this.texts.push(text) - 1;
  }
}

function batchOf(rows: readonly Readonly<Record<string, Literal | null>>[], dictionary: GrowingDictionary) {
  const column = (name: string) => rows.map((each) => each[name]!);
  const nulls = (name: string) => Uint8Array.from(column(name).map((value) => (value === null ? 1 : 0)));
  const columns: Record<string, ColumnVector> = {
    song: { kind: "text", codes: Int32Array.from(column("song").map((text) => (text === null ? -1 : dictionary.code(text as string)))), dictionary },
    plays: { kind: "int64", values: Float64Array.from(column("plays").map(Number)), nulls: nulls("plays") },
    id: { kind: "int64", values: BigInt64Array.from(column("id").map((n) => BigInt(n ?? 0))), nulls: nulls("id") },
    x: { kind: "float64", values: Float64Array.from(column("x").map(Number)), nulls: nulls("x") },
    paid: { kind: "boolean", values: Uint8Array.from(column("paid").map(Number)), nulls: nulls("paid") },
  };
  return { length: rows.length, columns };
}

describe("a compiled predicate", () => {
  it("passes the rows for which a plain three-valued evaluation is true, batch after batch of one dictionary", () => {
    fc.assert(
      fc.property(nodes.node, fc.array(fc.array(row, { maxLength: 8 }), { minLength: 1, maxLength: 3 }), fc.nat(2), (node, batches, renewAt) => {
        const predicate = compilePredicate(node);
        let dictionary = new GrowingDictionary();
        batches.forEach((rows, i) => {
          if (i === renewAt) dictionary = new GrowingDictionary();
          const expected = rows.map((each) => (naive(node, each) === true ? 1 : 0));
          expect([...predicate(batchOf(rows, dictionary))]).toEqual(expected);
        });
      }),
      { numRuns: 1_000 },
    );
  });

  it("tests a text once, however many rows have it", () => {
    const dictionary = new GrowingDictionary();
    const asked: number[] = [];
    dictionary.text = (code) => {
      asked.push(code);
      return dictionary.texts[code]!;
    };
    const predicate = compilePredicate({ op: "eq", column: "song", value: "b" });
    const rows = ["a", "b", "b", "a", "b"].map((song) => ({ song, plays: 0, id: 0, x: 0, paid: true }));
    expect([...predicate(batchOf(rows, dictionary))]).toEqual([0, 1, 1, 0, 1]);
    predicate(batchOf([...rows, { ...rows[0]!, song: "c" }], dictionary));
    expect(asked).toEqual([0, 1, 2]);
  });

  it("compares a column of numbers with a bigint beyond them exactly", () => {
    const batch = { length: 1, columns: { n: { kind: "int64", values: Float64Array.of(2 ** 53 - 1) } as const } };
    expect([...compilePredicate({ op: "lt", column: "n", value: 2n ** 53n })(batch)]).toEqual([1]);
    expect([...compilePredicate({ op: "eq", column: "n", value: 2n ** 53n - 1n })(batch)]).toEqual([1]);
  });

  it("tells a column that the batch does not have", () => {
    expect(() => compilePredicate({ op: "isNull", column: "nope" })({ length: 0, columns: {} })).toThrow('evaluating a predicate: the batch has no column "nope"');
  });
});

