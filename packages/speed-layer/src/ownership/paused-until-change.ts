import type { Clock } from "@millrace/core";
import { linkedAbort } from "../tasks/linked-abort.js";
import type { Ownership } from "./ownership.js";

/** Resolves after `ms`, or sooner: when this process owns other partitions than in `version`. */
export async function pausedUntilChange(ownership: Ownership, version: number, timers: Clock, ms: number, signal: AbortSignal): Promise<void> {
  if (ownership.version !== version) return;
  const { abort, unlink } = linkedAbort(signal);
  const forget = ownership.onChange(() => abort.abort());
  try {
    await timers.sleep(ms, abort.signal);
  } catch (error) {
    if (signal.aborted || !abort.signal.aborted) throw error;
  } finally {
    forget();
    unlink();
  }
}
