import type { CoordinateDefinition } from "./measure-definition.js";

/** `_hll12_userId`: the coordinate's column in event batches and master files. */
export function coordinateName({ kind, column }: CoordinateDefinition): string {
  return `_${kind}_${column}`;
}
