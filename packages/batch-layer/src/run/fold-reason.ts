import type { ViewDefinition } from "@millrace/core";
import type { MasterFile } from "../master-dataset/topic-dataset.js";

/** Why a view's date cannot be computed in SQL, or undefined when it can. */
export function foldReason(view: ViewDefinition, parts: readonly MasterFile[], coordinates: readonly string[]): string | undefined {
  const custom = view.cells.find(({ combine }) => combine === "custom");
  if (custom !== undefined) return `measure "${custom.name}" has no SQL`;
  for (const { manifest } of parts) {
    const missing = coordinates.find((coordinate) => !manifest.coordinates.includes(coordinate));
    if (missing !== undefined) return `files lack the coordinate "${missing}"`;
  }
  return undefined;
}
