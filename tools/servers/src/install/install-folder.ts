import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import path from "node:path";
import type { Progress } from "../progress.js";
import { holdLock } from "../process/hold-lock.js";

/** Where servers are installed, and who is told of it. */
export interface InstallOptions {
  readonly cache: string;
  readonly progress: Progress;
}

/**
 * A folder of the cache that `fill` fills on first use. Any number of processes may ask at once: one fills it, the others
 * wait. It appears whole or not at all: `fill` gets another folder, which need not be there yet.
 */
export async function installFolder(name: string, { cache, progress }: InstallOptions, fill: (partial: string, signal: AbortSignal) => Promise<void>, signal?: AbortSignal): Promise<string> {
  const target = path.join(cache, name);
  if (existsSync(target)) return target;
  await mkdir(cache, { recursive: true });
  const lock = await holdLock(cache, "install", () => progress(`another process installs servers into "${cache}": waiting for it`), signal);
  try {
    // It may have been this one.
    if (existsSync(target)) return target;
    const partial = `${target}.partial`;
    await rm(partial, { recursive: true, force: true });
    await fill(partial, signal === undefined ? lock.lost : AbortSignal.any([signal, lock.lost]));
    await rename(partial, target);
    return target;
  } finally {
    await lock.release();
  }
}
