import { Held, excerpt, type ColumnStore } from "./column-store.js";
import { isoInstant } from "./iso-instant.js";
import { writeNumberText } from "./json-record-scanner.js";
import { textHash } from "./text-interner.js";

const NUMBER = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/**
 * Reads the declared columns of a record that is a JavaScript object already: what a stream's own `decode` returned.
 * The same checks as for JSON. Besides what JSON has it takes bigints for whole numbers, `Date` for timestamps, and,
 * with `numberTexts`, text for decimals, as a double could not hold them.
 */
export class ObjectRecordReader {
  readonly #store: ColumnStore;
  readonly #columns: readonly { readonly column: number; readonly path: readonly string[] }[];

  constructor(store: ColumnStore) {
    this.#store = store;
    this.#columns = store.definitions.flatMap(({ source }, column) => (source.in === "value" ? [{ column, path: source.path }] : []));
  }

  read(record: object, row: number, numberTexts: boolean): void {
    for (const { column, path } of this.#columns) this.#readPath(record, path, column, row, numberTexts);
  }

  #readPath(record: object, path: readonly string[], column: number, row: number, numberTexts: boolean): void {
    let value: unknown = record;
    for (const step of path) {
      if (value === null || value === undefined) return;
      if (typeof value !== "object" || Array.isArray(value)) {
        this.#store.meet(column, row);
        return this.#store.fail(column, "wrong-type", `lies in an object, but ${describe(value)} is there`);
      }
      // A class instance may have accessors on its prototype; what every object has is no field of a record.
      value = step in value && !(step in Object.prototype && !Object.hasOwn(value, step)) ? (value as Record<string, unknown>)[step] : undefined;
    }
    if (value === undefined) return;
    this.#store.meet(column, row);
    if (value === null) this.#store.setNull(column, row);
    else if (!this.#write(value, column, row, numberTexts)) this.#store.failWrongType(column, describe(value));
  }

  #write(value: unknown, column: number, row: number, numberTexts: boolean): boolean {
    const store = this.#store;
    const held = store.held[column]!;
    switch (held) {
      case Held.Text: {
        if (typeof value !== "string") return false;
        const bytes = Buffer.from(value);
        if (bytes.length > store.maxBytes[column]!) {
          store.fail(column, "too-long", `has ${bytes.length} bytes, but a text has at most ${store.maxBytes[column]}`);
        } else {
          const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
          store.codes[column]![row] = store.interners[column]!.intern(bytes, view, 0, bytes.length, textHash(bytes, view, 0, bytes.length));
        }
        return true;
      }
      case Held.Boolean:
        if (typeof value !== "boolean") return false;
        store.flags[column]![row] = value ? 1 : 0;
        return true;
      case Held.Float64:
      case Held.Integer:
      case Held.Bigint:
        return this.#writeNumber(value, column, row, numberTexts && store.definitions[column]!.kind === "decimal");
      case Held.Iso:
        if (typeof value !== "string") return value instanceof Date && this.#writeInstant(value.getTime(), column, row);
        return this.#writeInstant(isoInstant(Buffer.from(value), 0, Buffer.byteLength(value)), column, row);
      default:
        return value instanceof Date ? this.#writeInstant(value.getTime(), column, row) : this.#writeNumber(value, column, row, false);
    }
  }

  #writeNumber(value: unknown, column: number, row: number, numberTexts: boolean): boolean {
    const isNumber = typeof value === "bigint" || (typeof value === "number" && Number.isFinite(value));
    if (!isNumber && !(numberTexts && typeof value === "string" && NUMBER.test(value))) return false;
    writeNumberText(this.#store, String(value), column, row);
    return true;
  }

  #writeInstant(epochMs: number, column: number, row: number): boolean {
    if (Number.isNaN(epochMs)) return false;
    this.#store.floats[column]![row] = epochMs;
    return true;
  }
}

function describe(value: unknown): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(excerpt(value));
    case "number":
    case "bigint":
    case "boolean":
      return String(value);
    case "object":
      return value === null ? "null" : Array.isArray(value) ? "an array" : value instanceof Date ? "an invalid date" : "an object";
    default:
      return `a ${typeof value}`;
  }
}
