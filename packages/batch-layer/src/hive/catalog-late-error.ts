import { MillraceError } from "@millrace/core";

/** A generation was made known after the instant from which it is seen. */
export class CatalogLateError extends MillraceError {
  readonly code = "CATALOG_LATE";
  readonly retryable = true;

  constructor(database: string, generation: number, lateMs: number, settleMs: number) {
    super(`showing generation ${generation} in ${database}: it was made known ${lateMs} ms after the instant from which it is seen`, {
      advice: `it is whole now, and the next run goes on from it; a statement that began in those ${lateMs} ms may have seen two generations at once: run it again. Raise "settleMs", which is ${settleMs}, above twice what the file system takes for a small file`,
    });
  }
}
