import { MillraceError } from "@millrace/core";

/** What may happen to a call besides what it is for. A crash takes the process with it: it never hears of anything again. */
export type CallFault = "fails-before" | "fails-after" | "crashes-before" | "crashes-after";

export class InjectedFault extends MillraceError {
  readonly code = "INJECTED_FAULT";
  readonly retryable = true;
}

/** Whoever calls ports: a process of one history. */
export interface Caller {
  readonly name: string;
  /** Dead processes make no calls, and get no replies. */
  dead: boolean;
  /** Of its next call. */
  fault: CallFault | undefined;
}

interface WaitingCall {
  readonly caller: Caller;
  readonly method: string;
  readonly open: () => void;
}

/** Lets one port call happen at a time, in the order that a test chooses: so a history repeats exactly. */
export class Gate {
  readonly #note: (line: () => string) => void;
  #waiting: WaitingCall[] = [];
  /** Calls that wait for I/O of this machine. */
  readonly #working = new Set<Promise<unknown>>();

  constructor(note: (line: () => string) => void) {
    this.#note = note;
  }

  /** Who waits to be let through, by name, in the order in which the calls came. */
  waiting(): readonly { readonly caller: Caller; readonly method: string }[] {
    this.#waiting = this.#waiting.filter(({ caller }) => !caller.dead);
    return this.#waiting;
  }

  /** Lets the `index`-th of {@link waiting} through; resolves when all that it leads to waits again. */
  async open(index: number): Promise<void> {
    const [call] = this.#waiting.splice(index, 1);
    call?.open();
    await this.settled();
  }

  /** Resolves when everybody waits: for the gate, for the clock, or for records. */
  async settled(): Promise<void> {
    do {
      await Promise.allSettled(this.#working);
      for (let turn = 0; turn < 3; turn++) await turnOfOthers();
    } while (this.#working.size > 0);
  }

  /** Makes a call once the test lets it. `works`: it does I/O of this machine, which {@link settled} waits for. */
  async call<T>(caller: Caller, method: string, details: () => string, works: boolean, apply: () => T | Promise<T>): Promise<T> {
    if (caller.dead) return never();
    await new Promise<void>((open) => this.#waiting.push({ caller, method, open }));
    if (caller.dead) return never();
    const { fault } = caller;
    caller.fault = undefined;
    const note = (what: string): void => this.#note(() => `${caller.name} ${method} ${details()}${what}`);
    if (fault === "crashes-before") caller.dead = true;
    if (fault === "crashes-before" || fault === "fails-before") note(`: ${fault}`);
    if (fault === "crashes-before") return never();
    if (fault === "fails-before") throw new InjectedFault(`calling "${method}": fails before it is done`);
    const applied = Promise.resolve().then(apply);
    if (works) {
      this.#working.add(applied);
      applied.then(() => this.#working.delete(applied), () => this.#working.delete(applied));
    }
    let result: T;
    try {
      result = await applied;
    } catch (error) {
      note(`: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`);
      if (caller.dead) return never();
      throw error;
    }
    if (fault === "crashes-after") caller.dead = true;
    note(fault === undefined ? resultOf(result) : `: ${fault}`);
    if (caller.dead) return never();
    if (fault === "fails-after") throw new InjectedFault(`calling "${method}": it is done, and the reply is lost`);
    return result;
  }
}

const resultOf = (result: unknown): string => (typeof result === "boolean" || typeof result === "number" ? `: ${result}` : "");

function never<T>(): Promise<T> {
  return new Promise<T>(() => {});
}

function turnOfOthers(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
