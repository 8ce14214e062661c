import { MillraceError } from "@millrace/core";
import type { LogPartition } from "@millrace/core";

/** A row has no value in a table, where one was demanded. */
export class MissingKeyError extends MillraceError {
  readonly code = "MISSING_KEY";
  readonly retryable = false;

  constructor(table: string, key: unknown, { topic, partition }: LogPartition, offset: number) {
    const where = Number.isNaN(offset) ? `a result of "${topic}"` : `offset ${offset} of "${topic}" partition ${partition}`;
    super(`joining ${where} with table "${table}": it has no key ${typeof key === "string" ? JSON.stringify(key) : String(key)}`, {
      advice: 'add the key, or say in "missing" what becomes of such a row',
    });
  }
}
