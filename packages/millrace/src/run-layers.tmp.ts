import { mkdtempSync, rmSync } from "node:fs";
import path from "node:path";
import { duckdbEngine } from "@millrace/batch-layer/duckdb";
import { memoryFileSystem } from "@millrace/core/memory";
import { runLayerHistory } from "./protocol/layers/layer-history.js";
import { layerScheduleOf } from "./protocol/layers/layer-schedule.js";
const [secs, from, show] = [Number(process.argv[2]), Number(process.argv[3] ?? 1), process.argv[4]];
const root = mkdtempSync("/dev/shm/mr-");
const engine = duckdbEngine({ files: { ...memoryFileSystem(), uri: (p) => path.join(root, p) } });
process.on("unhandledRejection", (e) => { console.log("UNHANDLED", e); });
import { warmUp } from "./protocol/layers/warm-up.js"; await warmUp({ root, engine });
const t0 = Date.now(); let n = 0; const counts: Record<string, number> = {}; const kinds = new Map<string, number[]>();
if (show) { const w = await runLayerHistory(layerScheduleOf(from), { root, engine }, true); console.log(w.trace!.slice(-Number(show)).join("\n")); console.log(w.failure); process.exit(0); }
while (Date.now() - t0 < secs * 1000) {
  const seed = from + n++;
  const w = await runLayerHistory(layerScheduleOf(seed), { root, engine });
  for (const [k, v] of Object.entries(w.counts)) counts[k] = (counts[k] ?? 0) + v;
  if (w.failure) { const l = kinds.get(w.failure.kind) ?? []; l.push(seed); kinds.set(w.failure.kind, l); if (l.length === 1) console.log(seed, w.failure); }
}
console.log(n, "histories", JSON.stringify(counts), [...kinds].map(([k, l]) => `${k} x${l.length}: ${l.slice(0, 8).join(",")}`));
await engine.close(); rmSync(root, { recursive: true }); process.exit(0);
