/** One mistake in a configuration file. */
export interface ConfigProblem {
  /** Where it is: `transitions[3].dest.page`, `alpha`; `$` for the file as a whole. */
  readonly path: string;
  readonly message: string;
}

/** A configuration file that cannot be simulated. `problems` names all its mistakes, each with its path. */
export class ConfigError extends Error {
  readonly code = "SIMULATOR_CONFIG";
  readonly retryable = false;
  readonly source: string;
  readonly problems: readonly ConfigProblem[];

  constructor(source: string, problems: readonly ConfigProblem[], cause?: unknown) {
    super(`reading configuration "${source}":${problems.map(({ path, message }) => `\n  ${path}: ${message}`).join("")}`, { cause });
    this.name = "ConfigError";
    this.source = source;
    this.problems = problems;
  }
}
