import { mkdtempSync, rmSync } from "node:fs";
import path from "node:path";
import { duckdbEngine } from "@millrace/batch-layer/duckdb";
import { memoryFileSystem } from "@millrace/core/memory";
import { runLayerHistory } from "./protocol/layers/layer-history.js";
import { layerScheduleOf } from "./protocol/layers/layer-schedule.js";
import type { LayerStep } from "./protocol/layers/layer-schedule.js";
const root = mkdtempSync("/dev/shm/mr-");
const engine = duckdbEngine({ files: { ...memoryFileSystem(), uri: (p) => path.join(root, p) } });
process.on("unhandledRejection", () => {});
import { warmUp } from "./protocol/layers/warm-up.js"; await warmUp({ root, engine });
const seed = Number(process.argv[2]);
const run = (s: readonly LayerStep[], t = false) => runLayerHistory(s, { root, engine }, t);
let cur = layerScheduleOf(seed);
const kind = (await run(cur)).failure?.kind; let runs = 0;
if (kind) {
  for (let size = Math.ceil(cur.length / 2); ; ) { const before = cur.length;
    for (let at = 0; at < cur.length; ) { const t = [...cur.slice(0, at), ...cur.slice(at + size)]; runs++; if ((await run(t)).failure?.kind === kind) cur = t; else at += size; }
    if (size > 1) size = Math.ceil(size / 2); else if (cur.length === before) break; }
}
const w = await run(cur, true);
console.log(seed, cur.length, "steps after", runs, "runs"); console.log(w.trace!.join("\n")); console.log(w.failure);
await engine.close(); rmSync(root, { recursive: true }); process.exit(0);
