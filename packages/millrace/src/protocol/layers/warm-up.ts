import { createBatch, createIngest } from "@millrace/batch-layer";
import { planStreams } from "@millrace/core";
import { TOPIC, VIEWS } from "./layer-views.js";
import { GRID, LayerWorld, SEAL_GUARD_MS } from "./layer-world.js";
import type { Workshop } from "./layer-world.js";

/** Loads what the layers load at first use: from then on no step of a history waits for a disk. */
export async function warmUp(workshop: Workshop): Promise<void> {
  const world = new LayerWorld(workshop, "warm-up", false);
  const { clock, log, files, engine } = world;
  const store = world.storeOf();
  const { signal } = new AbortController();
  const views = VIEWS.map(({ definition }) => definition);
  const plans = planStreams(views);
  for (let i = 0; i < 12; i++) world.append(0, 128 + i, 2);
  clock.set(clock.now() + 10 * GRID.segmentMs);
  await createIngest({ log, files, clock, plans, grid: GRID, sealGuardMs: SEAL_GUARD_MS }).drain(signal);
  const made = await createBatch({ log, store, files, engine, clock, views, models: [], plans }).run({}, signal);
  if ("unchanged" in made || made.cut[TOPIC] === undefined) throw new Error("warming up published nothing");
}
