import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { duckdbEngine } from "@millrace/batch-layer/duckdb";
import type { SqlEngine } from "@millrace/core";
import { memoryFileSystem } from "@millrace/core/memory";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BROKEN_PORTS } from "./broken-ports.js";
import { explainLayerFailure } from "./explain-layer-failure.js";
import { runLayerHistory } from "./layer-history.js";
import { layerScheduleOf } from "./layer-schedule.js";
import type { LayerWorld } from "./layer-world.js";
import { warmUp } from "./warm-up.js";

// MILLRACE_SEED is the first history, MILLRACE_MODEL_SECONDS how long a soak looks; both are printed.
const SOAK_MS = Number(process.env["MILLRACE_MODEL_SECONDS"] ?? 0) * 1_000;
const GIVEN_SEED = process.env["MILLRACE_SEED"];
const FIRST_SEED = Number(GIVEN_SEED ?? (SOAK_MS > 0 ? Date.now() % 2 ** 31 : 1));
const HISTORIES = 60;
/** A broken port is found within so many, about three times what it takes. */
const HISTORIES_OF_BROKEN_PORTS = 60;

let root: string;
let engine: SqlEngine;
beforeAll(async () => {
  root = mkdtempSync(path.join(tmpdir(), "millrace-layers-"));
  engine = duckdbEngine({ files: { ...memoryFileSystem(), uri: (name) => path.join(root, name) } });
  await warmUp({ root, engine });
});
afterAll(async () => {
  await engine.close();
  rmSync(root, { recursive: true, force: true });
});

describe("the layers, in random histories with crashes, zombies, lost replies, rollbacks, expiry and lost logs", () => {
  it(
    "answer exactly what the log holds, refuse only for a reason and never for good",
    async () => {
      const totals: Partial<LayerWorld["counts"]> = {};
      const deadline = Date.now() + SOAK_MS;
      let seed = FIRST_SEED;
      for (; seed < FIRST_SEED + HISTORIES || Date.now() < deadline; seed++) {
        const { failure, counts } = await runLayerHistory(layerScheduleOf(seed), { root, engine });
        if (failure) expect.fail(await explainLayerFailure(seed, failure.kind, { root, engine }));
        for (const [name, value] of Object.entries(counts) as [keyof typeof counts, number][]) totals[name] = (totals[name] ?? 0) + value;
      }
      console.info(`layers: histories ${FIRST_SEED} to ${seed}, ${JSON.stringify(totals)}`);
      // Histories in which nothing happens would pass, too.
      expect(totals.answers).toBeGreaterThan(HISTORIES);
      const common = ["incomplete", "refusals", "generations", "manifests", "crashes", "faults"] as const;
      const rare = ["notOverlapping", "rollbacks", "lostRuns", "trims"] as const;
      for (const name of [...common, ...(GIVEN_SEED === undefined ? rare : [])]) expect(totals[name], name).toBeGreaterThan(0);
    },
    180_000 + SOAK_MS,
  );

  it("repeat step by step", async () => {
    const trace = async () => (await runLayerHistory(layerScheduleOf(7), { root, engine }, true)).trace!.map((line) => line.replaceAll(/history-\d+/g, ""));
    expect(await trace()).toEqual(await trace());
  });

  it.each(BROKEN_PORTS)("find $name", async (broken) => {
    // Always the same histories: whether they find it must not depend on the day.
    let found: string | undefined;
    for (let seed = 1; seed <= HISTORIES_OF_BROKEN_PORTS && found === undefined; seed++) {
      found = (await runLayerHistory(layerScheduleOf(seed), { root, engine, broken })).failure?.kind;
    }
    expect(found).toBeDefined();
  });
});
