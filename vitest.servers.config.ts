import { configDefaults, defineConfig } from "vitest/config";
import base, { SERVER_TESTS } from "./vitest.config.js";

// `npm run test:servers`: what needs real servers. `npm test` has all the rest.
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: [SERVER_TESTS],
    exclude: configDefaults.exclude,
    globalSetup: ["./tools/servers/src/testing/start-shared-servers.ts"],
    // Servers of a fault test start within a minute on a busy machine, and each has several.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 60_000 } },
  },
});
