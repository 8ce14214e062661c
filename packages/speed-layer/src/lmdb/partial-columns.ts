import type { CellValue, DimensionValue, PartialBatch } from "@millrace/core";

/** A column of dimension values as codes into a list of distinct ones. */
export interface DimensionColumn {
  /** Of at least the rows' length. */
  readonly codes: Uint32Array;
  readonly values: readonly DimensionValue[];
}

/** Rows of one segment, column by column, with dimensions as codes. Arrays may be longer than `length`. */
export interface PartialColumns {
  readonly length: number;
  readonly windows: Float64Array;
  readonly versions: Float64Array;
  readonly dimensions: readonly DimensionColumn[];
  readonly cells: readonly (readonly CellValue[])[];
}

/** The columns of partials on their way to the store. Values of different types (`1`, `1n`, `"1"`) stay different. */
export function columnsOf(partials: PartialBatch & { readonly versions: Float64Array }): PartialColumns {
  return {
    length: partials.length,
    windows: partials.windows,
    versions: partials.versions,
    dimensions: partials.dimensions.map((column) => encodeDimension(column, partials.length)),
    cells: partials.cells,
  };
}

function encodeDimension(column: readonly DimensionValue[], length: number): DimensionColumn {
  const codes = new Uint32Array(length);
  const values: DimensionValue[] = [];
  const codeOf = new Map<DimensionValue, number>();
  let last: DimensionValue | undefined;
  let code = 0;
  for (let i = 0; i < length; i++) {
    const value = column[i]!;
    // Rows often come in runs of one value.
    if (value !== last) {
      last = value;
      const known = codeOf.get(value);
      if (known === undefined) {
        code = values.length;
        codeOf.set(value, code);
        values.push(value);
      } else code = known;
    }
    codes[i] = code;
  }
  return { codes, values };
}
