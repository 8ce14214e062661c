import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { simulate, TRAPS, usersForRate, type Trap } from "../simulator/index.js";
import { take } from "../simulator/testing/take.js";
import { runHeadless } from "./headless.js";
import { DataDirMismatchError } from "./open-feed.js";

const { signal } = new AbortController();

const EVENTS = 3_000;

/** Told apart without the decoder. */
function isRecord(value: string): boolean {
  try {
    const { ts, sessionId } = JSON.parse(value) as { readonly ts?: unknown; readonly sessionId?: unknown };
    return typeof ts === "number" && typeof sessionId === "number";
  } catch {
    return false;
  }
}

async function temporaryDir(): Promise<string> {
  const dir = await mkdtemp(path.join(tmpdir(), "music-events-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

const run = (dataDir: string, events: number, more: { readonly traps?: readonly Trap[]; readonly config?: string; readonly growthRate?: number }) =>
  runHeadless({ dataDir, pace: { kind: "max" }, rate: 3, seed: 11, events, exit: true, json: undefined, backfillHours: 1, port: undefined, ...more }, Date.UTC(2026, 0, 1), () => {}, signal);

it("goes on with all traps on, sets aside what is malformed, and resumes to the same answers", { timeout: 240_000 }, async () => {
  const [whole, parts] = [await temporaryDir(), await temporaryDir()];
  const expected = await run(whole, EVENTS, { traps: TRAPS });
  const events = simulate({ seed: 11, users: usersForRate(3), startMs: Date.UTC(2025, 0, 6, 12), growthRate: 1, traps: TRAPS });
  const malformed = take(EVENTS, events).filter(({ value }) => !isRecord(value)).length;
  expect(malformed).toBeGreaterThan(0);
  expect(expected.deadLetters).toBe(malformed);
  const first = await run(parts, 1_500, { traps: TRAPS });
  const second = await run(parts, EVENTS, { traps: TRAPS });
  expect(second.answers).toBe(expected.answers);
  expect(first.deadLetters + second.deadLetters).toBe(malformed);
});

it("refuses to go on with another site", { timeout: 120_000 }, async () => {
  const dir = await temporaryDir();
  await run(dir, 500, {});
  for (const [more, why] of [
    [{ config: "alt" }, "was filled with --config example, not alt"],
    [{ growthRate: 2 }, "was filled with --growth-rate 1, not 2"],
    [{ traps: ["late"] }, "was filled with --traps none, not late"],
  ] as const) {
    const again = run(dir, 600, more);
    await expect(again).rejects.toThrow(DataDirMismatchError);
    await expect(again).rejects.toThrow(why);
  }
});
