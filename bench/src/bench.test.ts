import { existsSync } from "node:fs";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { benches } from "./benches.js";
import { checkTotals, type Totals } from "./decode-fold/totals.js";
import { inThisProcess } from "./task/in-this-process.js";

const EVENTS = 2_000;

// In memory where the machine has such a place: tests wait for no disk to sync.
beforeAll(() => {
  if (existsSync("/dev/shm")) vi.stubEnv("TMPDIR", "/dev/shm");
});
afterAll(() => {
  vi.unstubAllEnvs();
});

it.each(Object.keys(benches))("%s runs, and its results are those of its baseline", async (name) => {
  const lines: string[] = [];
  const figures = await benches[name]!.run({ events: EVENTS, rounds: 1, run: inThisProcess, log: (line) => lines.push(line) });
  expect(lines.at(-1)).toMatch(/agree|those of the log/);
  // Figures are plain JSON, and no number is missing.
  expect(JSON.parse(JSON.stringify(figures))).toEqual(figures);
});

it("fails a bench whose totals are not those of its baseline", () => {
  const totals: Totals = { minute: [1, 2, 4], song: [2, 2, 2], artist: [2, 2, 2], state: [1, 2, 4], users: [1_000], sketched: false };
  checkTotals("this", { ...totals, users: [1_090], sketched: true }, totals);
  expect(() => checkTotals("this", { ...totals, song: [2, 3, 5] }, totals)).toThrow('view "song" adds up to 2,3,5, not 2,2,2');
  expect(() => checkTotals("this", { ...totals, users: [] }, totals)).toThrow("0 minutes have users, not 1");
  expect(() => checkTotals("this", { ...totals, users: [1_001] }, totals)).toThrow("minute 0 has 1001 users, not 1000");
  expect(() => checkTotals("this", { ...totals, users: [1_200], sketched: true }, totals)).toThrow("minute 0 has 1200 users, not 1000");
});
