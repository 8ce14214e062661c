import type { Platform } from "@millrace/core";
import { faultPlan, faulty, type CrashPoint, type FaultAt, type FaultPlan } from "@millrace/core/testing";
import { memoryRoleLock } from "@millrace/core/memory";
import type { AnyView } from "@millrace/core";
import { createLambda } from "../lambda/create-lambda.js";
import type { LambdaDefinition } from "../lambda/lambda-definition.js";
import type { Lambda } from "../lambda/lambda.js";

/** One process of a test: a lambda of its own over ports that outlive it. */
export class TestProcess<Vs extends AnyView> {
  readonly lambda: Lambda<Vs>;
  readonly #faults: FaultAt[] = [];
  readonly #plan: FaultPlan = faultPlan(this.#faults);
  readonly #stop = new AbortController();
  readonly #speed: Promise<void>;
  #failure: { readonly error: unknown } | undefined;
  #sleeping = 0;

  constructor(definition: Omit<LambdaDefinition<Vs>, "platform">, platform: Platform) {
    const { log, store, files, engine, clock } = platform;
    this.lambda = createLambda<Vs>({
      ...definition,
      platform: {
        ...platform,
        log: faulty("log", log, this.#plan),
        store: faulty("store", store, this.#plan),
        files: faulty("files", files, this.#plan),
        engine: faulty("engine", engine, this.#plan),
        clock: {
          now: () => clock.now(),
          sleep: (ms, signal) => {
            this.#sleeping++;
            return clock.sleep(ms, signal).finally(() => this.#sleeping--);
          },
        },
        // Roles of a process that died are free, so each has its own.
        roles: memoryRoleLock(),
      },
    });
    this.#speed = this.lambda.speed({ signal: this.#stop.signal }).catch((error: unknown) => {
      this.#failure = { error };
    });
  }

  /** Dead: it was killed, or came to a crash point. */
  get dead(): boolean {
    return this.#plan.crashed;
  }

  /** Something of it waits for the clock, besides the pauses of the speed layer: a write that is to be tried again. */
  get waitsForTime(): boolean {
    return this.#sleeping > 0;
  }

  /** Crash points that it has not come to. */
  get armed(): readonly FaultAt[] {
    return this.dead ? [] : this.#faults;
  }

  /** Dies at a call that is still to come. */
  arm({ method, nth = 0, when = "before" }: CrashPoint): void {
    const made = this.#plan.calls.filter((call) => call.method === method).length;
    this.#faults.push({ method, nth: made + nth, fault: when === "before" ? "crashes-before" : "crashes-after" });
  }

  /** No call of it has an effect any more; resolves once nothing of it runs. */
  async kill(): Promise<void> {
    this.#plan.crash({ n: this.#plan.calls.length, method: "killed" });
    await this.end();
  }

  /** Stops its layers as a clean shutdown does. */
  async end(): Promise<void> {
    this.#stop.abort();
    await this.#speed;
  }

  /** @throws what the speed layer failed with, unless the process died. */
  assertAtWork(): void {
    if (this.#failure && !this.dead) throw this.#failure.error;
  }
}
