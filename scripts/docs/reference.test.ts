import { expect, it } from "vitest";
import { readReference } from "./reference.js";

// Whoever exports something says what it is: `npm run docs` shows these comments.
it("everything that the packages export is described, and comments link to what is there", { timeout: 120_000 }, async () => {
  expect((await readReference()).problems).toEqual([]);
});
