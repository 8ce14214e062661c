import { readFile } from "node:fs/promises";
import path from "node:path";
import { expect, it } from "vitest";
import { root } from "../packages.mjs";
import { declaredSubjects, KITS, supportPage, testsOf } from "./support.js";

const subjects = await declaredSubjects();

// Nothing is run here: that the laws hold is the kits' own tests' business, and they are part of every test run.
it("docs/support.md lists the laws, implementations and waivers that there are", async () => {
  expect(await readFile(path.join(root, "docs/support.md"), "utf8"), "run: npm run docs:support").toBe(supportPage(subjects));
});

it("finds every kit, with laws and at least one implementation", () => {
  for (const kit of KITS) {
    expect(kit.laws.size, kit.name).toBeGreaterThan(3);
    expect(subjects.filter(({ kit: name }) => name === kit.name).length, kit.name).toBeGreaterThan(0);
  }
  const sink = subjects.find(({ name }) => name === "memorySink")!;
  expect([...sink.waived.keys()]).toEqual(["aborts-under-way", "reports-failure", "failure-is-retryable"]);
  expect(testsOf(sink)).toContain("sink: waived [reports-failure]: nothing lies between this sink and its memory that could fail or wait");
});
