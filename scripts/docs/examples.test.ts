import { beforeAll, expect, it } from "vitest";
import { compileExamples, examplesIn, readExamples } from "./examples.js";
import type { Example } from "./examples.js";

const WRONG: Example = { file: "a.ts", line: 7, code: 'const a = count();\nconst b: string = count();\nnowhere();\ntestLambda({ views: [] }, "more");' };
let examples: readonly Example[];
let errors: readonly string[];

// One program for all, for it takes some seconds.
beforeAll(async () => {
  examples = await readExamples();
  errors = compileExamples([...examples, WRONG]);
}, 120_000);

it("every example of a comment, and all TypeScript of the pages, compiles", () => {
  expect(examples.filter(({ file }) => file.startsWith("packages/")).length).toBeGreaterThan(25);
  expect(errors.filter((error) => !error.startsWith("a.ts:"))).toEqual([]);
});

it("reports what does not compile, where it stands", () => {
  expect(errors.filter((error) => error.startsWith("a.ts:"))).toEqual([
    expect.stringMatching(/^a\.ts:8 Type 'Measure<.*' is not assignable to type 'string'/),
    "a.ts:9 Cannot find name 'nowhere'.",
    "a.ts:10 Expected 1 arguments, but got 2.",
  ]);
});

it("takes the examples out of comments", () => {
  expect(examplesIn("a.ts", "/**\n * A.\n *\n * @example\n * one();\n *   two();\n *\n * @throws {E}\n */\n/**\n * @example\n * three();\n */\n")).toEqual([
    { file: "a.ts", line: 5, code: "one();\n  two();" },
    { file: "a.ts", line: 12, code: "three();" },
  ]);
});
