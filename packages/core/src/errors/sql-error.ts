import { MillraceError } from "./millrace-error.js";

/** A SQL engine refused or failed a statement. */
export class SqlError extends MillraceError {
  readonly code = "SQL";
  readonly retryable: boolean;
  readonly engine: string;
  readonly statement: string;

  constructor(engine: string, statement: string, info: { readonly message: string; readonly retryable?: boolean; readonly cause?: unknown }) {
    const shown = statement.length > 2_000 ? `${statement.slice(0, 2_000)} ...` : statement;
    super(`running SQL on "${engine}": ${info.message}\n${shown}`, { cause: info.cause });
    this.retryable = info.retryable ?? false;
    this.engine = engine;
    this.statement = statement;
  }
}
