import type { Role } from "../ports/role-lock.js";
import { MillraceError } from "./millrace-error.js";

/** A living process already does what this one was asked to do, on a platform that allows it once. */
export class RoleTakenError extends MillraceError {
  readonly code = "ROLE_TAKEN";
  readonly retryable = false;
  readonly role: Role;
  /** Who has it, as far as it is known: `process 4711`. */
  readonly holder: string | undefined;

  constructor(role: Role, holder?: string) {
    super(`taking the role "${role}": ${holder ?? "another process"} has it`, { advice: "stop the other process first, or use another data directory" });
    this.role = role;
    this.holder = holder;
  }
}
