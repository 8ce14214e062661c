// Bundles the live page into dist/page: index.html and files whose names change with their content.
import { build } from "esbuild";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { usStates } from "./us-states.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const out = path.join(here, "..", "dist", "page");
const require = createRequire(import.meta.url);

/** @type {import("esbuild").Plugin} Shapes of maps are made when the page is built: only what is drawn is shipped. */
const maps = {
  name: "maps",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^map:us-states$/ }, ({ path: name }) => ({ path: name, namespace: "map" }));
    onLoad({ filter: /.*/, namespace: "map" }, () => ({ contents: JSON.stringify(usStates()), loader: "json" }));
  },
};

await rm(out, { recursive: true, force: true });
/** @type {import("esbuild").BuildOptions} */
const common = {
  absWorkingDir: here,
  outdir: path.join(out, "assets"),
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  assetNames: "[name]-[hash]",
  bundle: true,
  target: ["es2022", "chrome110", "firefox110", "safari16"],
  minify: true,
  legalComments: "none",
  metafile: true,
  define: { "process.env.NODE_ENV": '"production"' },
  loader: { ".woff2": "file", ".svg": "copy" },
  plugins: [maps],
  logLevel: "warning",
};
const results = await Promise.all([
  build({ ...common, entryPoints: { app: "src/main.tsx", style: "src/style/style.css", icon: "src/style/icon.svg" }, format: "esm", splitting: true }),
  // A script that runs before the page is painted is no module.
  build({ ...common, entryPoints: { theme: "src/theme-before-paint.ts" }, format: "iife" }),
]);

const built = results
  .flatMap(({ metafile }) => Object.entries(metafile?.outputs ?? {}))
  .map(([file, { entryPoint }]) => ({ url: `/assets/${path.basename(file)}`, entryPoint }));
const urlOf = (/** @type {string} */ entry) => {
  const found = built.find(({ entryPoint, url }) => entryPoint === entry || (entry.endsWith(".svg") && url.endsWith(".svg")));
  if (found === undefined) throw new Error(`building the page: "${entry}" was not built`);
  return found.url;
};
const html = (await readFile(path.join(here, "index.html"), "utf8"))
  .replace("{{icon}}", urlOf("src/style/icon.svg"))
  .replace("{{theme}}", urlOf("src/theme-before-paint.ts"))
  .replace("{{style}}", urlOf("src/style/style.css"))
  .replace("{{app}}", urlOf("src/main.tsx"));
await mkdir(out, { recursive: true });
await writeFile(path.join(out, "index.html"), html);

// Licences of what the bundle holds.
const bundled = ["echarts", "zrender", "tslib", "preact", "rxjs", "us-atlas", "topojson-client", "@fontsource-variable/inter"];
const licences = await Promise.all(
  bundled.map(async (name) => {
    const dir = packageDir(name);
    const texts = await Promise.all(["LICENSE", "LICENSE.txt", "LICENSE.md", "NOTICE"].map((file) => readFile(path.join(dir, file), "utf8").catch(() => undefined)));
    return `# ${name}\n\n${texts.filter((text) => text !== undefined).join("\n")}`;
  }),
);
await writeFile(path.join(out, "assets", "licences.txt"), licences.join("\n\n"));

/** @param {string} name */
function packageDir(name) {
  for (const base of require.resolve.paths(name) ?? []) {
    const dir = path.join(base, name);
    try {
      require.resolve(path.join(dir, "package.json"));
      return dir;
    } catch {
      // The next folder up.
    }
  }
  throw new Error(`building the page: the package "${name}" is not installed`);
}
