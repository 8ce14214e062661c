import { build } from "esbuild";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

it("is small, and imports nothing of Node", async () => {
  const { outputFiles, metafile } = await build({
    entryPoints: [here("./index.ts")],
    // A module of Node that anything imports would be an error here.
    platform: "browser",
    format: "esm",
    target: "es2022",
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    external: ["rxjs"],
    alias: { "@millrace/core/errors": here("../../../core/src/errors/index.ts") },
    // `paths` would resolve the types of packages as well.
    tsconfigRaw: {},
  });
  expect(Object.keys(metafile.inputs).filter((input) => !input.includes("/client/") && !input.includes("/errors/"))).toEqual([]);
  expect(gzipSync(outputFiles[0]!.contents).length).toBeLessThan(4_000);
});
