import path from "node:path";
import { readPackages, root } from "./scripts/packages.mjs";

/** @type {Partial<import("typedoc").TypeDocOptions>} */
export default {
  name: "Millrace",
  entryPoints: readPackages().flatMap(({ entryPoints }) => entryPoints.map(({ source }) => path.relative(root, source))),
  tsconfig: "tsconfig.json",
  out: "docs/api",
  exclude: ["**/*.test.ts", "**/*.test-d.ts"],
  excludeInternal: true,
  excludePrivate: true,
  readme: "none",
  githubPages: false,
  disableGit: true,
  sourceLinkTemplate: "",
  disableSources: true,
};
