import type { ColumnVector } from "../events/column-vector.js";
import type { TextDictionary } from "../events/text-dictionary.js";
import { normalInt64 } from "../measures/int64.js";
import type { ColumnDefinition } from "../streams/column-definition.js";
import type { DimensionValue } from "../views/partial-batch.js";
import { PairTable } from "./pair-table.js";

/** Numbers the values of one dimension: equal values have equal codes, dense from 0; null is -1. */
export interface DimensionCodes {
  /** Codes of rows `from` on into `codes[0 .. length)`. Rows whose window is negative are left out. */
  encode(vector: ColumnVector, from: number, length: number, windows: Int32Array, codes: Int32Array): void;
  value(code: number): DimensionValue;
  clear(): void;
}

/** For a column of any kind that can be a dimension. */
export function dimensionCodes({ kind }: ColumnDefinition): DimensionCodes {
  if (kind === "text") return new TextCodes();
  return kind === "boolean" ? new BooleanCodes() : new IntegerCodes();
}

const NEVER_MET = -2;

/** Remembers a dictionary's codes by its object; only another dictionary's texts are compared as texts. */
class TextCodes implements DimensionCodes {
  readonly #texts: string[] = [];
  #dictionary: TextDictionary | undefined;
  #byCode = new Int32Array(0);
  /** Made when a second dictionary comes. */
  #byText: Map<string, number> | undefined;

  encode(vector: ColumnVector, from: number, length: number, windows: Int32Array, codes: Int32Array): void {
    if (vector.kind !== "text") throw new TypeError(`folding a text dimension: its column is ${vector.kind}`);
    this.#meet(vector.dictionary);
    const theirs = vector.codes;
    const byCode = this.#byCode;
    for (let i = 0; i < length; i++) {
      if (windows[i]! < 0) continue;
      const code = theirs[from + i]!;
      if (code < 0) {
        codes[i] = -1;
        continue;
      }
      let own = byCode[code]!;
      if (own === NEVER_MET) byCode[code] = own = this.#number(vector.dictionary.text(code));
      codes[i] = own;
    }
  }

  value(code: number): DimensionValue {
    return code < 0 ? null : this.#texts[code]!;
  }

  clear(): void {
    this.#texts.length = 0;
    this.#dictionary = undefined;
    this.#byText = undefined;
  }

  #meet(dictionary: TextDictionary): void {
    if (dictionary !== this.#dictionary) {
      // Equal codes of one dictionary are found by number; across dictionaries only the text says what is equal.
      if (this.#dictionary !== undefined) this.#byText ??= new Map(this.#texts.map((text, code) => [text, code]));
      this.#dictionary = dictionary;
      this.#byCode.fill(NEVER_MET);
    }
    if (this.#byCode.length < dictionary.size) {
      const longer = new Int32Array(Math.max(dictionary.size, this.#byCode.length * 2)).fill(NEVER_MET);
      longer.set(this.#byCode);
      this.#byCode = longer;
    }
  }

  #number(text: string): number {
    const known = this.#byText?.get(text);
    if (known !== undefined) return known;
    const code = this.#texts.push(text) - 1;
    this.#byText?.set(text, code);
    return code;
  }
}

/** int64, decimal and timestamp, as doubles or as bigints: by their eight bytes, which are equal where the values are. */
class IntegerCodes implements DimensionCodes {
  readonly #table = new PairTable();
  #held: "double" | "bigint" | undefined;
  readonly #bits = new Int32Array(2);
  readonly #double = new Float64Array(this.#bits.buffer);
  readonly #bigint = new BigInt64Array(this.#bits.buffer);

  encode(vector: ColumnVector, from: number, length: number, windows: Int32Array, codes: Int32Array): void {
    if (vector.kind === "text" || vector.kind === "boolean") throw new TypeError(`folding an integer dimension: its column is ${vector.kind}`);
    const { values, nulls } = vector;
    const held = values instanceof Float64Array ? "double" : "bigint";
    if ((this.#held ??= held) !== held) throw new TypeError(`folding an integer dimension: its column holds a ${held} now, a ${this.#held} before`);
    const halves = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
    for (let i = 0; i < length; i++) {
      if (windows[i]! < 0) continue;
      const row = from + i;
      codes[i] = nulls !== undefined && nulls[row] === 1 ? -1 : this.#table.id(halves[2 * row]!, halves[2 * row + 1]!);
    }
  }

  value(code: number): DimensionValue {
    if (code < 0) return null;
    this.#bits[0] = this.#table.first(code);
    this.#bits[1] = this.#table.second(code);
    return this.#held === "double" ? this.#double[0]! : normalInt64(this.#bigint[0]!);
  }

  clear(): void {
    this.#table.clear();
  }
}

class BooleanCodes implements DimensionCodes {
  encode(vector: ColumnVector, from: number, length: number, windows: Int32Array, codes: Int32Array): void {
    if (vector.kind !== "boolean") throw new TypeError(`folding a boolean dimension: its column is ${vector.kind}`);
    const { values, nulls } = vector;
    for (let i = 0; i < length; i++) {
      if (windows[i]! < 0) continue;
      codes[i] = nulls !== undefined && nulls[from + i] === 1 ? -1 : values[from + i]!;
    }
  }

  value(code: number): DimensionValue {
    return code < 0 ? null : code === 1;
  }

  clear(): void {
    // Nothing is kept.
  }
}
