import { MillraceError } from "../errors/millrace-error.js";

/** A time zone that this machine's tz database does not have. */
export class UnknownZoneError extends MillraceError {
  readonly code = "UNKNOWN_ZONE";
  readonly retryable = false;
  readonly zone: string;

  constructor(zone: string) {
    super(`finding time zone "${zone}"`, { advice: 'use a name of the IANA database, such as "America/New_York" or "UTC"' });
    this.zone = zone;
  }
}
