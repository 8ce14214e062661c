import { describe, expect, it } from "vitest";
import { runGuide } from "./run-guide.js";

describe("what a guide shows is what happens", () => {
  it.concurrent.each([
    ["docs/guides/change.md", 10],
    ["docs/guides/human-faults.md", 20],
    ["docs/guides/erase.md", 8],
  ])("%s", { timeout: 180_000 }, async (guide, least) => {
    expect((await runGuide(guide)).commands).toBeGreaterThanOrEqual(least);
  });
});
