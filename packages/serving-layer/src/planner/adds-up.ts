import type { MeasureDefinition } from "@millrace/core";

/** Whether a measure's value is the sum of its values over any two parts of the events: a count or a sum. */
export const addsUp = ({ cells }: MeasureDefinition): boolean => cells.length === 1 && cells[0]!.combine === "sum";
