import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { describe, it } from "vitest";
import { simulatedClock } from "@millrace/core";
import { viewStoreConformance } from "@millrace/core/testing";
import { lmdbViewStore } from "./lmdb-view-store.js";

describe("lmdbViewStore", () => {
  viewStoreConformance(it, async () => {
    const folder = await fs.mkdtemp(path.join(os.tmpdir(), "millrace-views-"));
    const clock = simulatedClock(1_700_000_000_000);
    const open = (): ReturnType<typeof lmdbViewStore> => lmdbViewStore({ path: folder, clock });
    const store = open();
    return {
      store,
      now: () => clock.now(),
      another: async () => open(),
      moveTo: async (instant) => clock.set(instant),
      async dispose() {
        await store.close();
        await fs.rm(folder, { recursive: true, force: true });
      },
    };
  });
});
