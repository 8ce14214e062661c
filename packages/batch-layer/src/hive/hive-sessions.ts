import { onAbort } from "@millrace/core";
import type { HiveSession } from "./hive-session.js";

/** Sessions that are used in turns: one that is free is taken before another is opened. */
export class HiveSessions {
  readonly #open: (signal: AbortSignal) => Promise<HiveSession>;
  readonly #max: number;
  readonly #free: HiveSession[] = [];
  readonly #all = new Set<HiveSession>();
  readonly #waiting: (() => void)[] = [];
  /** In use, or being opened. */
  #used = 0;

  constructor(open: (signal: AbortSignal) => Promise<HiveSession>, max: number) {
    this.#open = open;
    this.#max = max;
  }

  /** A session of the caller's own until {@link release}; waits while as many are in use as there may be. */
  async take(signal: AbortSignal): Promise<HiveSession> {
    while (this.#used >= this.#max) {
      await new Promise<void>((resolve, reject) => {
        const forget = onAbort(signal, () => {
          this.#waiting.splice(this.#waiting.indexOf(wake), 1);
          reject(signal.reason as Error);
        });
        const wake = () => {
          forget();
          resolve();
        };
        this.#waiting.push(wake);
      });
    }
    this.#used++;
    try {
      for (let session = this.#free.pop(); session !== undefined; session = this.#free.pop()) {
        if (!session.isLost()) return session;
        this.#all.delete(session);
      }
      const session = await this.#open(signal);
      this.#all.add(session);
      return session;
    } catch (error) {
      this.#left();
      throw error;
    }
  }

  /** Gives a session back for others; a lost one is forgotten. */
  release(session: HiveSession): void {
    if (session.isLost() || !this.#all.has(session)) this.#all.delete(session);
    else this.#free.push(session);
    this.#left();
  }

  /** Ends a session that nobody may use again. */
  async drop(session: HiveSession): Promise<void> {
    this.#all.delete(session);
    this.#left();
    session.cut();
  }

  /** Ends all of them. */
  async close(): Promise<void> {
    const all = [...this.#all];
    this.#all.clear();
    this.#free.length = 0;
    await Promise.all(all.map((session) => session.close()));
  }

  #left(): void {
    this.#used--;
    this.#waiting.shift()?.();
  }
}
