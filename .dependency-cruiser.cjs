// The import rules of the repository. Each comment is what the person who broke the rule reads.
const layer = "(speed-layer|batch-layer|serving-layer)";
const test = "\\.test(-d)?\\.ts$";
const adapter = "/(cassandra|kafka|lmdb|duckdb|hdfs|hive|presto|local|memory|testing)/";

/** @type {import("dependency-cruiser").IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: "layers-stand-alone",
      comment: "A layer imports @millrace/core and never another layer; what two layers share belongs in core.",
      severity: "error",
      from: { path: `^packages/${layer}/`, pathNot: test },
      to: { path: `^packages/${layer}/`, pathNot: "^packages/$1/" },
    },
    {
      name: "core-knows-no-layer",
      comment: "@millrace/core imports no layer, or the layers could not be used one by one.",
      severity: "error",
      from: { path: "^packages/core/", pathNot: test },
      to: { path: `^packages/${layer}/` },
    },
    {
      name: "front-door-is-on-top",
      comment: "The millrace package assembles the others; none of them imports it.",
      severity: "error",
      from: { path: "^packages/", pathNot: ["^packages/millrace/", "^packages/create-millrace/template/", test] },
      to: { path: "^(packages/millrace|examples|bench|tools)/" },
    },
    {
      name: "adapters-are-named-by-the-assembly",
      comment: "Only packages/millrace, examples, bench and tests choose an adapter; other code takes the port.",
      severity: "error",
      from: { path: "^packages/(core|speed-layer|batch-layer|serving-layer)/", pathNot: [adapter, test] },
      to: { path: `^packages/[^/]+/src${adapter}` },
    },
    {
      name: "lmdb-in-its-folder",
      comment: "lmdb is an optional peer: import it from a folder named lmdb only.",
      severity: "error",
      from: { path: "^packages/", pathNot: "/lmdb/" },
      to: { path: "node_modules/(lmdb|@lmdb)/" },
    },
    {
      name: "duckdb-in-its-folder",
      comment: "@duckdb/node-api is an optional peer: import it from a folder named duckdb only.",
      severity: "error",
      from: { path: "^packages/", pathNot: "/duckdb/" },
      to: { path: "node_modules/@duckdb/" },
    },
    {
      name: "cassandra-driver-in-its-folder",
      comment: "cassandra-driver is an optional peer: import it from a folder named cassandra only.",
      severity: "error",
      from: { path: "^packages/", pathNot: ["/cassandra/", test] },
      to: { path: "node_modules/cassandra-driver/" },
    },
    {
      name: "servers-are-for-tests",
      comment: "tools/servers starts servers for tests, examples and benchmarks; nothing that is published depends on it.",
      severity: "error",
      from: { path: "^packages/", pathNot: test },
      to: { path: "^tools/" },
    },
    {
      name: "columnar-in-batch-layer",
      comment: "Arrow and Parquet are a matter of the batch layer.",
      severity: "error",
      from: { path: "^packages/", pathNot: "^packages/batch-layer/" },
      to: { path: "node_modules/(apache-arrow|parquet-wasm)/" },
    },
    {
      name: "no-barrel-inside",
      comment: "Inside a package import the file, not an index.ts: barrels make cycles and slow every test. Fixtures are written as users write.",
      severity: "error",
      from: { path: "^packages/([^/]+)/src/", pathNot: ["/index\\.ts$", "/fixture/", test] },
      to: { path: "^packages/$1/.*/index\\.ts$" },
    },
    {
      name: "no-cycle",
      comment: "An import cycle loads its modules in an order nobody chose. Type-only imports may form one.",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "resolves",
      comment: "This import leads nowhere.",
      severity: "error",
      from: { path: "^(packages|examples|bench|tools)/" },
      // Shapes of maps are made when the live page is bundled.
      to: { couldNotResolve: true, pathNot: "^map:" },
    },
    {
      name: "declared",
      comment: "The package.json of the importing package must list what its shipped code imports.",
      severity: "error",
      // What lies in a layer's folders named testing is for its tests alone, and in no package.
      from: { path: "^packages/[^/]+/src/", pathNot: [test, `^packages/${layer}/src/testing/`, `^packages/${layer}/src/[^/]+/testing/`] },
      // An optional peer is npm-peer and, for its entry in peerDependenciesMeta, npm-no-pkg as well.
      to: { dependencyTypes: ["npm-no-pkg", "npm-unknown"], dependencyTypesNot: ["npm-peer"] },
    },
  ],
  options: {
    doNotFollow: { path: ["node_modules"] },
    exclude: { path: ["/dist/", "/node_modules/.cache/"] },
    combinedDependencies: false,
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "default", "types"] },
  },
};
