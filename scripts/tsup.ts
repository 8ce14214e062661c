import { rmSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "tsup";
import { readPackage } from "./packages.mjs";

/**
 * ESM, CommonJS and declarations for every entry point that the package.json next to `configUrl` exports.
 * Declarations of other packages come from their built `dist` (turbo builds those first): tsconfig.build.json
 * clears `paths`, or the sources of core would be inlined into every layer.
 */
export function packageBuild(configUrl: string): ReturnType<typeof defineConfig> {
  const { dir, bin, entryPoints } = readPackage(path.dirname(fileURLToPath(configUrl)));
  // tsup's \`clean\` runs once for each of the builds below, which run side by side: one could delete what the other wrote.
  rmSync(path.join(dir, "dist"), { recursive: true, force: true });
  const common = { target: "es2022", platform: "node", tsconfig: "tsconfig.build.json", sourcemap: true, silent: true } as const;
  // A command's file in `bin` imports `dist/cli.js`.
  const commands = Object.keys(bin).length === 0 ? {} : { cli: "src/cli.ts" };
  const library = {
    ...common,
    entry: Object.fromEntries(entryPoints.map(({ name }) => [name, `src/${name}.ts`])),
    format: ["esm" as const, "cjs" as const],
    dts: true,
    // Also for CommonJS: a class reached through two subpaths must be one class, or `instanceof` fails.
    splitting: true,
    shims: true,
  };
  return defineConfig([
    ...(entryPoints.length === 0 ? [] : [library]),
    ...(Object.keys(commands).length === 0 ? [] : [{ ...common, entry: commands, format: ["esm" as const], splitting: false }]),
  ]);
}
