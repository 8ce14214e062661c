import type { carried } from "./carried-type.js";
import type { ColumnDefinition, ColumnSource, Kind } from "./column-definition.js";

/** The kinds that `sum` and `avg` take. */
export type Numeric = "int64" | "decimal" | "float64";

/** The type of a declared column: its kind `K`, and `T`, the type that its values present with. Immutable. */
export interface ColumnType<K extends Kind = Kind, T = unknown> {
  readonly kind: K;
  readonly [carried]: T;
  /** Absent `source`: the record's field of the column's own name. */
  readonly definition: Omit<ColumnDefinition, "source"> & { readonly source?: ColumnSource };
  /** The value may be missing or null. Without it, such a record is a dead letter. */
  optional(): ColumnType<K, T | null>;
  /** Where it lies in the record when not under its own name: `"user.id"`, or `["a.b"]` for a name with a dot in it. */
  at(path: string | readonly string[]): ColumnType<K, T>;
  /** The record's key: its UTF-8 text, read as the column's kind. A record without key has null. */
  fromKey(): ColumnType<K, T>;
  /** A header of the record: its UTF-8 text, read as the column's kind. */
  fromHeader(name: string): ColumnType<K, T>;
}

/** A text column, which may be cleaned as it is decoded. */
export interface TextType<T = string> extends ColumnType<"text", T> {
  /**
   * What the text becomes when it is decoded, for both layers alike: repaired, trimmed, folded to one case. The raw value
   * in the master dataset stays as it was. `clean` is a pure function, called once a distinct text; a text that it throws
   * for, or makes longer than `maxTextBytes` of the stream, makes a dead letter. `name` stands for it in fingerprints: a
   * function that changes what it does needs another one, and tables are then built again.
   *
   * @example
   * text().cleaned("trimmed", (value) => value.trim())
   */
  cleaned(name: string, clean: (text: string) => string): ColumnType<"text", T>;
}

/** A timestamp column, which may also be the broker's. */
export interface TimestampType<T = Date> extends ColumnType<"timestamp", T> {
  /** The broker's time of appending. It may step back. */
  fromAppendedAt(): ColumnType<"timestamp", Date>;
}

class DeclaredColumn {
  readonly kind: Kind;

  constructor(readonly definition: ColumnType["definition"]) {
    this.kind = definition.kind;
  }

  optional(): DeclaredColumn {
    return new DeclaredColumn({ ...this.definition, optional: true });
  }

  at(path: string | readonly string[]): DeclaredColumn {
    return this.#from({ in: "value", path: typeof path === "string" ? path.split(".") : [...path] });
  }

  fromKey(): DeclaredColumn {
    return this.#from({ in: "key" });
  }

  fromHeader(name: string): DeclaredColumn {
    return this.#from({ in: "header", name });
  }

  cleaned(name: string, clean: (text: string) => string): DeclaredColumn {
    return new DeclaredColumn({ ...this.definition, cleaned: { name, clean } });
  }

  fromAppendedAt(): DeclaredColumn {
    return this.#from({ in: "appendedAt" });
  }

  #from(source: ColumnSource): DeclaredColumn {
    return new DeclaredColumn({ ...this.definition, source });
  }
}

/** The only place where a declaration takes on the type that it carries. */
function column<D extends ColumnType>(definition: Omit<ColumnDefinition, "source" | "optional">): D {
  return new DeclaredColumn({ ...definition, optional: false }) as unknown as D;
}

/** Text of at most `maxTextBytes` of the stream. */
export function text(): TextType {
  return column({ kind: "text" });
}

/** `true` or `false`; nothing else is read as one. */
export function boolean(): ColumnType<"boolean", boolean> {
  return column({ kind: "boolean" });
}

/** A double. Sums of it depend on the order of adding: prefer `decimal`. It cannot be a dimension. */
export function float64(): ColumnType<"float64", number> {
  return column({ kind: "float64" });
}

/**
 * A 64-bit integer. As `"number"` (the default) a value beyond 2^53 is a dead letter and a sum beyond it a
 * `PrecisionError`, never rounded; as `"bigint"` all of int64 is exact, and text in JSON answers.
 */
export function int64(as?: "number"): ColumnType<"int64", number>;
export function int64(as: "bigint"): ColumnType<"int64", bigint>;
export function int64(as: "number" | "bigint" = "number"): ColumnType<"int64", number> | ColumnType<"int64", bigint> {
  return column({ kind: "int64", as });
}

/**
 * A decimal with `scale` (0 to 18) digits after the point, held as an integer scaled by `10^scale`, so sums are exact.
 * As `"number"` (the default) it presents as the nearest double and is refused beyond 2^53 scaled; as `"string"` it is
 * exact up to int64 scaled. A value with more digits than `scale` is a dead letter, never rounded.
 */
export function decimal(scale: number, as?: "number"): ColumnType<"decimal", number>;
export function decimal(scale: number, as: "string"): ColumnType<"decimal", string>;
export function decimal(scale: number, as: "number" | "string" = "number"): ColumnType<"decimal", number> | ColumnType<"decimal", string> {
  return column({ kind: "decimal", as, scale });
}

/** An instant. Inside, epoch milliseconds: `"us"` is floored to its millisecond. */
export function timestamp(unit: "s" | "ms" | "us" | "iso"): TimestampType {
  return column({ kind: "timestamp", unit });
}
