import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { logTail } from "./log-tail.js";

it("gives the last lines, of a long file too, and none of a file that is not there", async () => {
  const dir = await mkdtemp(path.join(os.tmpdir(), "millrace-tail-test-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const file = path.join(dir, "a.log");
  expect(logTail(file, 3)).toEqual([]);
  await writeFile(file, "one\ntwo");
  expect(logTail(file, 3)).toEqual(["one", "two"]);
  await writeFile(file, "");
  expect(logTail(file, 3)).toEqual([]);
  await writeFile(file, Array.from({ length: 100_000 }, (_, i) => `line ${i}\n`).join(""));
  expect(logTail(file, 2)).toEqual(["line 99998", "line 99999"]);
  const all = logTail(file, 1_000_000);
  expect(all.every((line) => /^line \d+$/.test(line))).toBe(true);
});
