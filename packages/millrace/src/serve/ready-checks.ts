import { readCurrent, type Platform, type StreamPlan } from "@millrace/core";
import type { ReadyCheck } from "@millrace/serving-layer";
import { maskSecrets } from "./mask-secrets.js";

/** Reads from every port that an answer needs. A failed check stops no other. */
export async function readyChecks({ log, store, files }: Platform, plans: readonly StreamPlan[], signal: AbortSignal): Promise<readonly ReadyCheck[]> {
  const attempt = async (name: string, job: () => Promise<string>): Promise<ReadyCheck> => {
    try {
      return { name, ok: true, detail: await job() };
    } catch (error) {
      signal.throwIfAborted();
      return { name, ok: false, detail: maskSecrets(error instanceof Error ? error.message : String(error)) };
    }
  };
  return Promise.all([
    ...plans.map(({ stream: { topic } }) => attempt(`log ${topic}`, async () => `${(await log.describe(topic, signal)).partitions.length} partitions`)),
    ...plans.map(({ stream: { topic } }) => attempt(`store ${topic}`, async () => `${(await store.readHeartbeats(topic, signal)).length} workers`)),
    attempt("generation", async () => {
      const current = await readCurrent(files, signal);
      return current === null ? "none yet: answers come from the speed layer alone" : `${current.number} is served`;
    }),
  ]);
}
