import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { simulatedClock } from "@millrace/core";
import { onTestFinished } from "vitest";
import { embedded } from "../embedded/embedded.js";
import { orderOf } from "./declarations.js";
import { NOON_MS, type SharedPlatform } from "./process-set.js";

/** An embedded platform on a data directory of its own, for one test. `append`: records of every kind, some late, a few seconds apart. */
export async function openShared(): Promise<SharedPlatform & { readonly append: (records: number) => Promise<void> }> {
  const dir = await mkdtemp(path.join(tmpdir(), "millrace-change-"));
  const clock = simulatedClock(NOON_MS);
  const platform = { ...embedded(dir, { clock, newTopicPartitions: 2 }), clock };
  onTestFinished(async () => {
    for (const port of [platform.engine, platform.store, platform.log, platform.files]) await port.close();
    await rm(dir, { recursive: true, force: true });
  });
  let i = 0;
  const append = async (records: number) => {
    for (let left = records; left > 0; ) {
      // Three at a time: each call waits for the disk.
      const some = Math.min(3, left);
      left -= some;
      const values = Array.from({ length: some }, () => ({ partition: i % 3 === 0 ? 1 : 0, value: JSON.stringify(orderOf(i++, clock.now())) }));
      await platform.log.append("orders", values, new AbortController().signal);
      await clock.advance(21_000);
    }
  };
  await platform.log.createTopic("orders", { partitions: 2 }, new AbortController().signal);
  return { ...platform, append };
}
