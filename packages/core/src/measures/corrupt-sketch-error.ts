import { MillraceError } from "../errors/millrace-error.js";

/** Bytes that no sketch encodes to: a store or a file gave something else than was written. */
export class CorruptSketchError extends MillraceError {
  readonly code = "CORRUPT_SKETCH";
  readonly retryable = false;

  constructor(what: string) {
    super(`decoding a sketch: ${what}`);
  }
}
