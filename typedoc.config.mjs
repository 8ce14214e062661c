import path from "node:path";
import { readPackages, root } from "./scripts/packages.mjs";

// The front door last: it hands on what the packages below it declare, and shows only what is its own.
const packages = readPackages().sort((a, b) => Number(a.name === "millrace") - Number(b.name === "millrace"));

/** @type {Partial<import("typedoc").TypeDocOptions>} */
export default {
  name: "API reference",
  entryPoints: packages.flatMap(({ entryPoints }) => entryPoints.map(({ source }) => path.relative(root, source))),
  tsconfig: "tsconfig.json",
  exclude: ["**/*.test.ts", "**/*.test-d.ts"],
  excludeInternal: true,
  // What errors inherit from the language is described there.
  excludeExternals: true,
  excludePrivate: true,
  readme: "none",
  navigationLinks: { Documentation: "/" },
  hideGenerator: true,
  logLevel: "Warn",
  disableGit: true,
  disableSources: true,
  // Types are the type check's business; what is checked here is that everything is described.
  skipErrorChecking: true,
  validation: { notExported: true, invalidLink: true, notDocumented: true },
  treatValidationWarningsAsErrors: true,
  packagesRequiringDocumentation: packages.map(({ name }) => name),
  requiredToBeDocumented: ["Enum", "Variable", "Function", "Class", "Interface", "TypeAlias"],
};
