import { runLayerHistory } from "./layer-history.js";
import type { LayerStep } from "./layer-schedule.js";
import { layerScheduleOf } from "./layer-schedule.js";
import type { LayerWorld, Workshop } from "./layer-world.js";

/** Shrinking a long history takes minutes: then what was reached is shown. */
const LONGEST_SHRINKING_MS = 90_000;

/** What happened in the shortest history found within that of `seed` that fails in the same way, call by call. */
export async function explainLayerFailure(seed: number, kind: string, workshop: Workshop): Promise<string> {
  const deadline = Date.now() + LONGEST_SHRINKING_MS;
  const run = (steps: readonly LayerStep[], traced = false): Promise<LayerWorld> => runLayerHistory(steps, workshop, traced);
  let steps = layerScheduleOf(seed);
  for (let size = Math.ceil(steps.length / 2); ; ) {
    const before = steps.length;
    for (let at = 0; at < steps.length && Date.now() < deadline; ) {
      const without = [...steps.slice(0, at), ...steps.slice(at + size)];
      if ((await run(without)).failure?.kind === kind) steps = without;
      else at += size;
    }
    if (size > 1) size = Math.ceil(size / 2);
    else if (steps.length === before || Date.now() >= deadline) break;
  }
  const trace = (await run(steps, true)).trace ?? [];
  return [`history ${seed}, ${steps.length} steps (MILLRACE_SEED=${seed} repeats it): ${kind}`, ...trace].join("\n");
}
