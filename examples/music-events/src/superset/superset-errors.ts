import { MillraceError } from "@millrace/core/errors";

/** Superset cannot be reached. */
export class SupersetUnreachableError extends MillraceError {
  readonly code = "SUPERSET_UNREACHABLE";
  readonly retryable = true;
}

/** Superset says no: to the login, to the database, to the bundle. */
export class SupersetRefusedError extends MillraceError {
  readonly code = "SUPERSET_REFUSED";
  readonly retryable = false;
  /** Of HTTP. */
  readonly status: number;

  constructor(message: string, status: number, options: { readonly advice?: string } = {}) {
    super(message, options);
    this.status = status;
  }
}
