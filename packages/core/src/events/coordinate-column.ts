import { ddCoordinate } from "../measures/dd-sketch.js";
import { hllCoordinateOf, hllCoordinateOfInteger, hllCoordinateOfText } from "../measures/hyper-log-log.js";
import type { CoordinateDefinition } from "../measures/measure-definition.js";
import type { ColumnVector } from "./column-vector.js";
import type { TextDictionary } from "./text-dictionary.js";

/** Remembered integers, by their lowest bits. A power of two. */
const REMEMBERED = 65_536;
const UNKNOWN = -2;

/**
 * Computes the sketch coordinates of one column, batch by batch. A hash costs a multiple of all else that decoding does
 * to a value, so coordinates are remembered: for text once a code, for integers in a table where a newer one replaces
 * an older one.
 */
export class CoordinateColumn {
  readonly #kind: CoordinateDefinition["kind"];
  #dictionary: TextDictionary | undefined;
  #byCode = new Int32Array(0);
  /** Integer and coordinate by turns, so that they share a line of the processor's cache. */
  #integers: Float64Array | undefined;

  constructor({ kind }: CoordinateDefinition) {
    this.#kind = kind;
  }

  /** The coordinate of each of the first `length` rows; -1 is null. */
  of(vector: ColumnVector, length: number): Int32Array {
    const coordinates = new Int32Array(length);
    if (vector.kind === "text") {
      this.#ofText(vector.codes, vector.dictionary, coordinates);
      return coordinates;
    }
    if (vector.values instanceof Float64Array && this.#kind === "hll12" && vector.kind !== "float64") this.#ofIntegers(vector.values, coordinates);
    else if (this.#kind === "dd") for (let i = 0; i < length; i++) coordinates[i] = ddCoordinate(Number(vector.values[i]));
    else if (vector.kind === "boolean") {
      const [no, yes] = [hllCoordinateOf(false), hllCoordinateOf(true)];
      for (let i = 0; i < length; i++) coordinates[i] = vector.values[i] === 1 ? yes : no;
    } else if (vector.kind === "float64") for (let i = 0; i < length; i++) coordinates[i] = hllCoordinateOf(vector.values[i]!);
    else for (let i = 0; i < length; i++) coordinates[i] = hllCoordinateOfInteger(vector.values[i]!);
    const { nulls } = vector;
    if (nulls !== undefined) for (let i = 0; i < length; i++) if (nulls[i] === 1) coordinates[i] = -1;
    return coordinates;
  }

  #ofText(codes: Int32Array, dictionary: TextDictionary, coordinates: Int32Array): void {
    if (dictionary !== this.#dictionary) {
      this.#dictionary = dictionary;
      this.#byCode = new Int32Array(0);
    }
    if (this.#byCode.length < dictionary.size) {
      const grown = new Int32Array(Math.max(dictionary.size, this.#byCode.length * 2)).fill(UNKNOWN);
      grown.set(this.#byCode);
      this.#byCode = grown;
    }
    const byCode = this.#byCode;
    for (let i = 0; i < coordinates.length; i++) {
      const code = codes[i]!;
      if (code < 0) {
        coordinates[i] = -1;
        continue;
      }
      let coordinate = byCode[code]!;
      if (coordinate === UNKNOWN) byCode[code] = coordinate = hllCoordinateOfText(dictionary.bytes(code));
      coordinates[i] = coordinate;
    }
  }

  #ofIntegers(values: Float64Array, coordinates: Int32Array): void {
    // NaN equals no value, so an empty place is never taken for a remembered one.
    const integers = (this.#integers ??= new Float64Array(2 * REMEMBERED).fill(NaN));
    for (let i = 0; i < coordinates.length; i++) {
      const value = values[i]!;
      const place = 2 * (value & (REMEMBERED - 1));
      if (integers[place] !== value) {
        integers[place] = value;
        integers[place + 1] = hllCoordinateOfInteger(value);
      }
      coordinates[i] = integers[place + 1]!;
    }
  }
}
