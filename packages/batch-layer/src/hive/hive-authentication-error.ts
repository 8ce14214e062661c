import { MillraceError } from "@millrace/core";

/** The server does not let the user in: trying again changes nothing. */
export class HiveAuthenticationError extends MillraceError {
  readonly code = "HIVE_AUTHENTICATION";
  readonly retryable = false;

  constructor(where: string, user: string, cause: Error) {
    super(`logging in to the SQL server at ${where} as "${user}": ${cause.message}`, { cause, advice: 'check "user", "password" and "auth": servers with authentication NONE take any user, but no empty password' });
  }
}
