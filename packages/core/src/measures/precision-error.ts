import { MillraceError } from "../errors/millrace-error.js";

/** A value that is exact inside and would have to be rounded to present as declared. Nothing is rounded silently. */
export class PrecisionError extends MillraceError {
  readonly code = "PRECISION";
  readonly retryable = false;
  readonly measure: string;

  constructor(measure: string, value: number | bigint, advice: string) {
    super(`presenting measure "${measure}": ${value} is beyond 2^53 and would be rounded`, { advice });
    this.measure = measure;
  }
}
