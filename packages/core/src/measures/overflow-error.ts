import { MillraceError } from "../errors/millrace-error.js";

/** A sum that left the 64-bit integers. It is never wrapped. */
export class OverflowError extends MillraceError {
  readonly code = "OVERFLOW";
  readonly retryable = false;
  readonly cell: string;

  constructor(cell: string) {
    super(`adding to "${cell}": the sum is beyond 64 bits`, { advice: "declare the column with a smaller scale, or split the measure" });
    this.cell = cell;
  }
}
