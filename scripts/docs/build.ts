// npm run docs: the site of all pages and of the API reference, in docs/.site
import { rm } from "node:fs/promises";
import path from "node:path";
import { build } from "vitepress";
import { root } from "../packages.mjs";
import { readReference } from "./reference.js";
import { writePages } from "./site-pages.js";

const docs = path.join(root, "docs");
const pages = path.join(docs, ".pages");
await rm(pages, { recursive: true, force: true });
const reference = await readReference();
if (reference.problems.length > 0) {
  console.error(`the API is not described whole:\n${reference.problems.map((problem) => `  ${problem}`).join("\n")}`);
  process.exitCode = 1;
}
await writePages(pages);
await build(docs);
await reference.write(path.join(docs, ".site/api"));
console.log(`open ${path.relative(process.cwd(), path.join(docs, ".site/index.html"))} through a server: npx vitepress preview docs`);
