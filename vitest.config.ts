import { defineConfig } from "vitest/config";
import { readPackages } from "./scripts/packages.mjs";

export default defineConfig({
  resolve: {
    alias: readPackages()
      .flatMap(({ entryPoints }) => entryPoints)
      .map(({ specifier, source }) => ({ find: new RegExp(`^${specifier}$`), replacement: source })),
  },
  test: {
    include: ["{packages,examples}/*/src/**/*.test.ts", "packages/create-millrace/template/src/**/*.test.ts", "bench/src/**/*.test.ts", "scripts/**/*.test.ts"],
    setupFiles: ["./scripts/test-setup.ts"],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // What is waited for comes at once on a quiet machine, and comes on a busy one.
    expect: { poll: { timeout: 15_000 } },
  },
});
