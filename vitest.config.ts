import path from "node:path";
import { configDefaults, defineConfig } from "vitest/config";
import { readPackage, readPackages, root } from "./scripts/packages.mjs";

/** Tests on real servers have a run of their own: `vitest.servers.config.ts`. */
export const SERVER_TESTS = "{packages,examples,tools}/*/src/**/*.servers.test.ts";

export default defineConfig({
  resolve: {
    alias: [...readPackages(), readPackage(path.join(root, "tools/servers"))]
      .flatMap(({ entryPoints }) => entryPoints)
      .map(({ specifier, source }) => ({ find: new RegExp(`^${specifier}$`), replacement: source })),
  },
  test: {
    include: ["{packages,examples,tools}/*/src/**/*.test.ts", "packages/serving-layer/page/src/**/*.test.ts", "packages/create-millrace/template/src/**/*.test.ts", "bench/src/**/*.test.ts", "scripts/**/*.test.ts"],
    exclude: [...configDefaults.exclude, SERVER_TESTS],
    setupFiles: ["./scripts/test-setup.ts"],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // What is waited for comes at once on a quiet machine, and comes on a busy one.
    expect: { poll: { timeout: 15_000 } },
  },
});
