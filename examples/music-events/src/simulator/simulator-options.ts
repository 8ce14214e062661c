export interface SimulatorOptions {
  /** Any safe integer. Decides songs, places, names and every later draw. */
  readonly seed: number;
  /** Users at the start; they decide the rate of events, see `usersForRate`. Default 2,000. */
  readonly users?: number;
  /** Simulated start, epoch ms. Every event is later, and has the milliseconds of this number. */
  readonly startMs: number;
  /**
   * Sign-ups a year for each user there is, so 1 multiplies the users by e in a year. Default 1. With 0 nobody ever
   * registers, and the pages of guests do not occur.
   */
  readonly growthRate?: number;
}

/** Options that cannot be simulated. `problems` names all of them, each with its option. */
export class SimulatorOptionsError extends Error {
  readonly code = "SIMULATOR_OPTIONS";
  readonly retryable = false;
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`reading simulator options: ${problems.join("; ")}`);
    this.name = "SimulatorOptionsError";
    this.problems = problems;
  }
}

/** @throws {SimulatorOptionsError} with everything that is wrong at once. */
export function resolveOptions(options: SimulatorOptions, fromEvent: number): Required<SimulatorOptions> {
  const { seed, users = 2_000, startMs, growthRate = 1 } = options;
  const problems: string[] = [];
  if (!Number.isSafeInteger(seed)) problems.push(`seed must be a safe integer, but is ${seed}`);
  if (!Number.isSafeInteger(users) || users < 1) {
    problems.push(`users must be an integer of at least 1, but is ${users}`);
  }
  if (!Number.isSafeInteger(startMs)) problems.push(`startMs must be a safe integer, but is ${startMs}`);
  if (!Number.isFinite(growthRate) || growthRate < 0) {
    problems.push(`growthRate must be a number of at least 0, but is ${growthRate}`);
  }
  if (!Number.isSafeInteger(fromEvent) || fromEvent < 0) {
    problems.push(`fromEvent must be an integer of at least 0, but is ${fromEvent}`);
  }
  if (problems.length > 0) throw new SimulatorOptionsError(problems);
  return { seed, users, startMs, growthRate };
}
