import { RoleTakenError, type Clock, type Platform, type Role, type Telemetry } from "@millrace/core";

/** How often a role that another process has is asked for again, ms. */
const ASK_AGAIN_MS = 1_000;

/** A role that a process waits for, as long as another has it; where the platform has no roles it is always free. */
export class AwaitedRole {
  readonly #platform: Platform;
  readonly #role: Role;
  readonly #timers: Clock;
  readonly #telemetry: Telemetry;
  #release: (() => Promise<void>) | undefined;

  constructor(platform: Platform, role: Role, timers: Clock, telemetry: Telemetry) {
    this.#platform = platform;
    this.#role = role;
    this.#timers = timers;
    this.#telemetry = telemetry;
  }

  /** Resolves once this process has the role. Says once that it waits. */
  async acquire(signal: AbortSignal): Promise<void> {
    for (let told = false; ; told = true) {
      signal.throwIfAborted();
      try {
        this.#release = await this.#platform.roles?.acquire(this.#role);
        return;
      } catch (error) {
        if (!(error instanceof RoleTakenError)) throw error;
        if (!told) this.#telemetry({ type: "Warning", code: error.code, message: `waiting for the role "${this.#role}": ${error.holder ?? "another process"} has it` });
      }
      await this.#timers.sleep(ASK_AGAIN_MS, signal);
    }
  }

  async release(): Promise<void> {
    const release = this.#release;
    this.#release = undefined;
    await release?.();
  }
}
