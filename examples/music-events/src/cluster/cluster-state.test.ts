import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { dagEnvironment } from "./cluster-environment.js";
import { nextState, readClusterState, writeClusterState, type MadeWith } from "./cluster-state.js";

const DEFAULTS: MadeWith = { portOffset: 0, rate: 30, seed: 7, backfillHours: 2, traps: "", config: "/millrace.config.ts" };

it("remembers what a cluster was made with, and refuses anything else", () => {
  const made = nextState(undefined, { portOffset: 1_000, seed: 3 }, DEFAULTS, ["kafka"], 99);
  expect(made).toEqual({ ...DEFAULTS, portOffset: 1_000, seed: 3, parts: ["kafka"], isDown: true, startedAtMs: 99 });
  expect(nextState(made, {}, DEFAULTS, ["kafka", "hdfs"], 500)).toEqual({ ...made, parts: ["kafka", "hdfs"] });
  expect(nextState(made, { seed: 3 }, DEFAULTS, ["kafka"], 500)).toEqual(made);
  expect(() => nextState(made, { portOffset: 0, seed: 3, traps: "all" }, DEFAULTS, ["kafka"], 500)).toThrow("starting the cluster: it was made with --port-offset 1000, --traps none, and its data depend on that");
});

it("is kept in its folder", () => {
  const dir = mkdtempSync(path.join(tmpdir(), "millrace-cluster-"));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  expect(readClusterState(path.join(dir, "none"))).toBeUndefined();
  const state = nextState(undefined, {}, DEFAULTS, ["kafka"], 99);
  writeClusterState(path.join(dir, "new"), state);
  expect(readClusterState(path.join(dir, "new"))).toEqual(state);
  writeFileSync(path.join(dir, "cluster.json"), "{");
  expect(() => readClusterState(dir)).toThrow("it is not JSON");
});

it("has Airflow load all of the first minutes, then every day from the first one on", () => {
  const at = (instant: string) => dagEnvironment(Date.parse(instant));
  expect(at("2026-03-01T10:03:00Z")).toMatchObject({ MILLRACE_START_DATE: "2026-03-01T00:00:00+00:00", MILLRACE_FULL_LOAD_UNTIL: "2026-03-01T10:15:00+00:00" });
  expect(at("2026-03-01T23:55:01Z")).toMatchObject({ MILLRACE_START_DATE: "2026-03-01T00:00:00+00:00", MILLRACE_FULL_LOAD_UNTIL: "2026-03-02T00:15:00+00:00" });
});
