import { compareText, presentValue } from "@millrace/core";
import type { CellValue, DimensionValue, ViewDefinition } from "@millrace/core";

/** One row of a window before it is presented. */
export interface OpenRow {
  readonly start: number;
  readonly end: number;
  readonly dimensions: readonly DimensionValue[];
  /** In the order of the view's cells. */
  readonly cells: readonly CellValue[];
}

/** How the rows of a view are ordered and presented. */
export class RowPresenter {
  readonly #view: ViewDefinition;

  constructor(view: ViewDefinition) {
    this.#view = view;
  }

  /** In the order of their dimensions, then of their start: the same for every replay. */
  present<Out>(rows: OpenRow[]): Out[] {
    const { by, from, measures } = this.#view;
    const definitions = by.map((column) => from.columns[column]!);
    rows.sort(compareRows);
    return rows.map(({ start, end, dimensions, cells }) => {
      const row: Record<string, unknown> = { window: new Date(start), windowEnd: new Date(end) };
      for (let d = 0; d < by.length; d++) row[by[d]!] = presentValue(definitions[d]!, dimensions[d]!);
      let at = 0;
      for (const measure of measures) {
        const next = at + measure.cells.length;
        row[measure.name] = measure.present(cells.slice(at, next));
        at = next;
      }
      return row as Out;
    });
  }
}

function compareRows(a: OpenRow, b: OpenRow): number {
  for (let d = 0; d < a.dimensions.length; d++) {
    const order = compareDimensions(a.dimensions[d]!, b.dimensions[d]!);
    if (order !== 0) return order;
  }
  return a.start - b.start;
}

/** Null first; text by its UTF-8 bytes. Values of one dimension are of one type, but for integers. */
function compareDimensions(a: DimensionValue, b: DimensionValue): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1;
  if (typeof a === "string" && typeof b === "string") return compareText(a, b);
  return a < b ? -1 : a > b ? 1 : 0;
}
