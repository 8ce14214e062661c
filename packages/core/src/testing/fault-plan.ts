import { MillraceError } from "../errors/millrace-error.js";

/**
 * What happens to one call:
 * - `fails-before`: it fails and nothing was done.
 * - `fails-after`: it was done, and the reply is lost.
 * - `hangs`: nothing is done until its signal aborts; then it fails with the signal's reason.
 * - `twice`: it is done twice; the second reply is given.
 * - `crashes-before`, `crashes-after`: as the first two, and every later call of the plan's ports fails: the process is dead.
 */
export type Fault = "fails-before" | "fails-after" | "hangs" | "twice" | "crashes-before" | "crashes-after";

/** A call that the plan saw. */
export interface CountedCall {
  /** Counts all calls of the plan's ports, from 0. */
  readonly n: number;
  /** `files.putIfAbsent`, `files.write.commit`, `log.read.next`. */
  readonly method: string;
}

/** Which call: by its number among all, or by its number (from 0) among those of one method. */
export type FaultAt = { readonly n: number; readonly fault: Fault } | { readonly method: string; readonly nth: number; readonly fault: Fault };

/** A fault that the plan put in. */
export class InjectedFaultError extends MillraceError {
  readonly code = "INJECTED_FAULT";
  readonly retryable: boolean;
  readonly call: CountedCall;

  constructor(call: CountedCall, how: string, retryable: boolean) {
    super(`calling "${call.method}" (call ${call.n}): ${how}`);
    this.call = call;
    this.retryable = retryable;
  }
}

/** How injected failures look to the code that meets them. */
export interface FaultPlanOptions {
  /** Whether injected failures say that they are retryable. Default true; crashes never are. */
  readonly retryable?: boolean;
}

/**
 * Counts the calls of all ports wrapped with it ({@link faulty}) and says what happens to each. A plan without faults
 * lists the calls of a run: its crash points.
 *
 * @example
 * const counting = faultPlan();
 * await run(faulty("files", memoryFileSystem(), counting));
 * for (const { n } of counting.calls) {
 *   const plan = faultPlan([{ n, fault: "crashes-after" }]);
 *   await assert.rejects(run(faulty("files", files, plan)));
 *   await run(files); // and everything is as if nothing had happened
 * }
 */
export interface FaultPlan {
  /** In the order they began. */
  readonly calls: readonly CountedCall[];
  /** Faults that were put in so far. */
  readonly injected: readonly CountedCall[];
  /** Whether the process is dead. */
  readonly crashed: boolean;
  /** Called by the wrapper when a call begins. */
  begin(method: string): { readonly call: CountedCall; readonly fault: Fault | undefined };
  /** The error of a fault. */
  failure(call: CountedCall, how: string): InjectedFaultError;
  /** Marks the process dead. */
  crash(call: CountedCall): InjectedFaultError;
}

/** A plan with these faults; without any it only counts. */
export function faultPlan(faults: readonly FaultAt[] = [], options: FaultPlanOptions = {}): FaultPlan {
  const calls: CountedCall[] = [];
  const injected: CountedCall[] = [];
  const perMethod = new Map<string, number>();
  let crashed = false;
  return {
    calls,
    injected,
    get crashed() {
      return crashed;
    },
    begin(method) {
      const call = { n: calls.length, method };
      const nth = perMethod.get(method) ?? 0;
      if (crashed) throw new InjectedFaultError(call, "the process is dead", false);
      calls.push(call);
      perMethod.set(method, nth + 1);
      const found = faults.find((at) => ("n" in at ? at.n === call.n : at.method === method && at.nth === nth));
      if (found) injected.push(call);
      return { call, fault: found?.fault };
    },
    failure: (call, how) => new InjectedFaultError(call, how, options.retryable ?? true),
    crash(call) {
      crashed = true;
      return new InjectedFaultError(call, "the process dies here", false);
    },
  };
}
