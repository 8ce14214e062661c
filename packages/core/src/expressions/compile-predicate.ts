import type { ColumnVector } from "../events/column-vector.js";
import type { ColumnBatch } from "../events/event-batch.js";
import type { TextDictionary } from "../events/text-dictionary.js";
import { compareText } from "../streams/compare-text.js";
import type { Literal, PredicateNode } from "./predicate-node.js";

/** `mask[i]` is 1 where row `i` of the batch passes, else 0. New at every call. */
export type BatchPredicate = (batch: Pick<ColumnBatch, "length" | "columns">) => Uint8Array;

// Truth values of SQL's three-valued logic, in such an order that `and` is the least, `or` the greatest, `not` 2 - x.
const FALSE = 0;
const UNKNOWN = 1;
const TRUE = 2;

type Test = (batch: Pick<ColumnBatch, "length" | "columns">) => Uint8Array;

/**
 * A predicate as a function over batches, column by column. Text is tested once for each of a dictionary's codes: give
 * every decoder a compiled predicate of its own.
 */
export function compilePredicate(node: PredicateNode): BatchPredicate {
  const test = compile(node);
  return (batch) => {
    const mask = test(batch);
    for (let i = 0; i < mask.length; i++) mask[i] = mask[i] === TRUE ? 1 : 0;
    return mask;
  };
}

/** Every test gives a new array, so that whoever asked for it may write to it. */
function compile(node: PredicateNode): Test {
  switch (node.op) {
    case "and":
    case "or": {
      const tests = node.all.map(compile);
      const isAnd = node.op === "and";
      return (batch) => {
        const all = new Uint8Array(batch.length).fill(isAnd ? TRUE : FALSE);
        for (const test of tests) {
          const one = test(batch);
          for (let i = 0; i < all.length; i++) if (isAnd ? one[i]! < all[i]! : one[i]! > all[i]!) all[i] = one[i]!;
        }
        return all;
      };
    }
    case "not": {
      const test = compile(node.of);
      return (batch) => {
        const result = test(batch);
        for (let i = 0; i < result.length; i++) result[i] = TRUE - result[i]!;
        return result;
      };
    }
    case "isNull":
    case "isNotNull": {
      const { column, op } = node;
      const [ofNull, ofValue] = op === "isNull" ? [TRUE, FALSE] : [FALSE, TRUE];
      return (batch) => {
        const vector = columnOf(batch, column);
        const result = new Uint8Array(batch.length).fill(ofValue);
        if (vector.kind === "text") for (let i = 0; i < result.length; i++) result[i] = vector.codes[i]! < 0 ? ofNull : ofValue;
        else if (vector.nulls !== undefined) for (let i = 0; i < result.length; i++) if (vector.nulls[i] === 1) result[i] = ofNull;
        return result;
      };
    }
    case "eq":
    case "ne":
    case "lt":
    case "le":
    case "gt":
    case "ge":
    case "in":
      return comparison(node);
  }
}

type Comparison = Extract<PredicateNode, { readonly column: string; readonly op: "eq" | "ne" | "lt" | "le" | "gt" | "ge" | "in" }>;

function comparison(node: Comparison): Test {
  const ofText = textTest(node);
  const ofBoolean = [valueTest(node, false), valueTest(node, true)].map((test) => (test ? TRUE : FALSE));
  return (batch) => {
    const vector = columnOf(batch, node.column);
    const result = new Uint8Array(batch.length);
    if (vector.kind === "text") {
      const byCode = ofText(vector.dictionary);
      for (let i = 0; i < result.length; i++) {
        const code = vector.codes[i]!;
        result[i] = code < 0 ? UNKNOWN : byCode[code]!;
      }
      return result;
    }
    if (vector.kind === "boolean") for (let i = 0; i < result.length; i++) result[i] = ofBoolean[vector.values[i]!]!;
    else if (vector.values instanceof Float64Array) numbers(node, vector.values, result);
    else for (let i = 0; i < result.length; i++) result[i] = valueTest(node, vector.values[i]!) ? TRUE : FALSE;
    if (vector.nulls !== undefined) for (let i = 0; i < result.length; i++) if (vector.nulls[i] === 1) result[i] = UNKNOWN;
    return result;
  };
}

/** The hot case, a comparison with one number, as a loop of its own. */
function numbers(node: Comparison, values: Float64Array, result: Uint8Array): void {
  const value = node.op === "in" ? undefined : node.value;
  if (typeof value !== "number") {
    for (let i = 0; i < result.length; i++) result[i] = valueTest(node, values[i]!) ? TRUE : FALSE;
    return;
  }
  switch (node.op) {
    case "eq":
      for (let i = 0; i < result.length; i++) result[i] = values[i]! === value ? TRUE : FALSE;
      return;
    case "ne":
      for (let i = 0; i < result.length; i++) result[i] = values[i]! !== value ? TRUE : FALSE;
      return;
    case "lt":
      for (let i = 0; i < result.length; i++) result[i] = values[i]! < value ? TRUE : FALSE;
      return;
    case "le":
      for (let i = 0; i < result.length; i++) result[i] = values[i]! <= value ? TRUE : FALSE;
      return;
    case "gt":
      for (let i = 0; i < result.length; i++) result[i] = values[i]! > value ? TRUE : FALSE;
      return;
    case "ge":
      for (let i = 0; i < result.length; i++) result[i] = values[i]! >= value ? TRUE : FALSE;
      return;
    case "in":
  }
}

/** Whether a value that is not null passes. JavaScript compares a number with a bigint exactly. */
function valueTest(node: Comparison, value: Literal): boolean {
  switch (node.op) {
    case "in":
      return node.values.some((each) => order(value, each) === 0);
    case "eq":
      return order(value, node.value) === 0;
    case "ne":
      return order(value, node.value) !== 0;
    case "lt":
      return order(value, node.value) < 0;
    case "le":
      return order(value, node.value) <= 0;
    case "gt":
      return order(value, node.value) > 0;
    case "ge":
      return order(value, node.value) >= 0;
  }
}

function order(a: Literal, b: Literal): number {
  if (typeof a === "string" && typeof b === "string") return compareText(a, b);
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The result for every code of a dictionary, kept as long as the same one is asked for. */
function textTest(node: Comparison): (dictionary: TextDictionary) => Uint8Array {
  const equals = node.op === "in" ? new Set(node.values) : undefined;
  let known: TextDictionary | undefined;
  let results = new Uint8Array(0);
  let done = 0;
  return (dictionary) => {
    if (dictionary !== known) [known, done] = [dictionary, 0];
    if (dictionary.size > results.length) {
      const grown = new Uint8Array(Math.max(64, dictionary.size * 2));
      grown.set(results.subarray(0, done));
      results = grown;
    }
    for (; done < dictionary.size; done++) {
      const text = dictionary.text(done);
      results[done] = (equals?.has(text) ?? valueTest(node, text)) ? TRUE : FALSE;
    }
    return results;
  };
}

function columnOf(batch: Pick<ColumnBatch, "columns">, name: string): ColumnVector {
  const vector = batch.columns[name];
  if (vector === undefined) throw new RangeError(`evaluating a predicate: the batch has no column "${name}"`);
  return vector;
}
