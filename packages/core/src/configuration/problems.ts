import { ConfigurationError } from "./configuration-error.js";
import type { Problem } from "./configuration-error.js";

/** Collects the mistakes of one definition, to report them together. */
export class Problems {
  readonly #found: Problem[] = [];

  /** Notes a mistake at a path of the declaration, once. */
  add(path: string, message: string): void {
    if (!this.#found.some((problem) => problem.path === path && problem.message === message)) this.#found.push({ path, message });
  }

  /** @throws {ConfigurationError} with all that was added, if anything was. */
  throwIfAny(doing: string): void {
    if (this.#found.length > 0) throw new ConfigurationError(doing, this.#found);
  }
}
