import { configDefaults, defineConfig } from "vitest/config";
import base, { SERVER_TESTS } from "./vitest.config.js";

// `npm run test:servers`: what needs real servers. `npm test` has all the rest.
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: [SERVER_TESTS],
    // Spark and HDFS are not among the servers that are started: their tests run where one is named (docs/guides/hive.md, hdfs.md).
    exclude: [
      ...configDefaults.exclude,
      ...(process.env["MILLRACE_TEST_SPARK"] === undefined ? ["packages/batch-layer/src/hive/**", "examples/**/spark-*"] : []),
      ...(process.env["MILLRACE_TEST_HDFS"] === undefined ? ["packages/batch-layer/src/hdfs/**"] : []),
    ],
    globalSetup: ["./tools/servers/src/testing/start-shared-servers.ts"],
    // Servers of a fault test start within a minute on a busy machine, and each has several.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 60_000 } },
  },
});
