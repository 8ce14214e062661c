import { MillraceError } from "./millrace-error.js";

/** An adapter needs a package that is not installed: drivers are optional peers, loaded at first use. */
export class MissingDriverError extends MillraceError {
  readonly code = "MISSING_DRIVER";
  readonly retryable = false;
  readonly driver: string;

  constructor(adapter: string, driver: string, range: string, cause: unknown) {
    super(`loading the driver "${driver}" for ${adapter}`, { cause, advice: `install it: npm install ${driver}@${range}` });
    this.driver = driver;
  }
}
