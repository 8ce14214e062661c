import { expect, it } from "vitest";
import { declareLaws } from "./law.js";
import type { Law, Waivers } from "./law.js";

const laws: readonly Law<object>[] = [
  { id: "holds", says: "this holds", prove: async () => {} },
  { id: "fails", says: "this does not", prove: async () => Promise.reject(new Error("it does not")) },
];

/** What a runner would report: test name -> passed. */
async function run(waivers: Waivers): Promise<Record<string, boolean>> {
  const tests: [string, () => Promise<void>][] = [];
  let disposed = 0;
  declareLaws("kit", (name, test) => tests.push([name, test]), laws, async () => ({ dispose: async () => void disposed++ }), waivers);
  const report = Object.fromEntries(await Promise.all(tests.map(async ([name, test]) => [name, await test().then(() => true, () => false)] as const)));
  expect(disposed, "a subject was not released").toBe(2);
  return report;
}

it("declares each law once, and fails those that do not hold", async () => {
  expect(await run({})).toEqual({ "kit: waivers name laws and give reasons": true, "kit: this holds [holds]": true, "kit: this does not [fails]": false });
});

it("takes a waiver with a reason for a law that fails, and no other", async () => {
  expect(await run({ fails: "append-only" })).toMatchObject({ "kit: waived [fails]: append-only": true });
  expect(await run({ holds: "needless" })).toMatchObject({ "kit: waived [holds]: needless": false });
  expect(await run({ typo: "reason" })).toMatchObject({ "kit: waivers name laws and give reasons": false });
  expect(await run({ fails: " " })).toMatchObject({ "kit: waivers name laws and give reasons": false });
});
