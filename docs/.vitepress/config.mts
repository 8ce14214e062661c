// Built by `npm run docs`, which writes the pages into .pages first.
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitepress";
import { slugOf } from "../../scripts/docs/anchors.js";

const pages = fileURLToPath(new URL("../.pages", import.meta.url));

const titleOf = (file: string): string => (/^# (.*)$/m.exec(readFileSync(file, "utf8"))?.[1] ?? path.basename(file, ".md")).replace(/[`*]|\[([^\]]*)\]\([^)]*\)/g, "$1");

/** The pages of a folder, those named first and then the others by name. */
function pagesOf(folder: string, first: readonly string[] = []): { text: string; link: string }[] {
  const names = readdirSync(path.join(pages, folder)).filter((name) => name.endsWith(".md") && name !== "index.md").map((name) => name.slice(0, -3));
  const place = (name: string): number => (first.includes(name) ? first.indexOf(name) : first.length);
  return names
    .sort((a, b) => place(a) - place(b) || a.localeCompare(b))
    .map((name) => ({ text: titleOf(path.join(pages, folder, `${name}.md`)), link: `/${folder}/${name}` }));
}

/** Made of the comments, by a program of its own: not a page of this site. */
const API = { text: "API reference", link: "/api/index.html", target: "_self" };

export default defineConfig({
  title: "Millrace",
  description: "A Lambda architecture for TypeScript in one declaration.",
  srcDir: ".pages",
  outDir: ".site",
  cacheDir: ".vitepress/cache",
  // A page opens from any folder of any server.
  cleanUrls: false,
  lastUpdated: false,
  // The index of the search is one file.
  vite: { build: { chunkSizeWarningLimit: 2_000 } },
  markdown: { anchor: { slugify: slugOf } },
  themeConfig: {
    search: { provider: "local" },
    outline: [2, 3],
    nav: [
      { text: "Tutorial", link: "/tutorial" },
      { text: "Concepts", link: "/concepts/" },
      API,
    ],
    sidebar: [
      { text: "Start", items: [{ text: "Millrace", link: "/" }, { text: "Tutorial", link: "/tutorial" }] },
      { text: "Concepts", link: "/concepts/", items: pagesOf("concepts", ["offset-cut", "segments", "chain", "generations", "crashes", "lateness", "accounting", "fingerprints"]) },
      { text: "Guides", items: pagesOf("guides") },
      { text: "About", items: [{ text: "Architecture", link: "/architecture" }, { text: "Comparison", link: "/comparison" }, { text: "Support", link: "/support" }, { text: "Benchmarks", link: "/bench/" }] },
      { text: "Examples", items: readdirSync(path.join(pages, "examples")).map((name) => ({ text: titleOf(path.join(pages, "examples", name, "index.md")), link: `/examples/${name}/` })) },
      API,
      { text: "Decisions", link: "/decisions/", collapsed: true, items: pagesOf("decisions") },
    ],
  },
});
