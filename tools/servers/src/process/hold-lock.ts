import lockfile from "proper-lockfile";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** A lock that its owner has not touched for so long belongs to a dead process. */
const STALE_MS = 20_000;

/** A lock between processes. */
export interface HeldLock {
  /** Aborts when the lock was taken from us, because this machine or its disk stood still for too long. */
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

/**
 * Waits for the lock `name` of a folder and holds it. A process that dies frees it within 20 s.
 *
 * @param waiting called once when another process has it
 */
export async function holdLock(folder: string, name: string, waiting: () => void = () => {}, signal?: AbortSignal): Promise<HeldLock> {
  const lost = new AbortController();
  for (let told = false; ; told = true) {
    signal?.throwIfAborted();
    try {
      const release = await lockfile.lock(folder, { lockfilePath: path.join(folder, `${name}.lock`), stale: STALE_MS, onCompromised: (error) => lost.abort(error) });
      return { lost: lost.signal, release: () => (lost.signal.aborted ? Promise.resolve() : release()) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ELOCKED") throw error;
    }
    if (!told) waiting();
    await sleep(50, undefined, signal === undefined ? {} : { signal });
  }
}
