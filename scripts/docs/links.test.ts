import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { expect, it } from "vitest";
import { root } from "../packages.mjs";
import { anchorsOf, slugOf } from "./anchors.js";
import { linksOf, replaceLinks } from "./links.js";
import { markdownPages } from "./pages.js";

const pages = await markdownPages();
const read = (page: string): Promise<string> => readFile(path.join(root, page), "utf8");

it.each(pages)("every link of %s leads somewhere", async (page) => {
  const broken: string[] = [];
  for (const { target, line } of linksOf(await read(page))) {
    if (/^[a-z]+:/.test(target)) continue;
    const [file, anchor] = target.split("#") as [string, string | undefined];
    const there = file === "" ? page : path.posix.join(path.posix.dirname(page), decodeURIComponent(file));
    if (file.startsWith("/") || there.startsWith("..") || !existsSync(path.join(root, there))) broken.push(`${page}:${line} ${target}: there is no such file`);
    else if (anchor !== undefined && there.endsWith(".md") && !anchorsOf(await read(there)).has(anchor)) broken.push(`${page}:${line} ${target}: no heading has this anchor`);
  }
  expect(broken).toEqual([]);
});

it("every page of docs can be come to from the README", async () => {
  const seen = new Set<string>();
  const visit = async (page: string): Promise<void> => {
    if (seen.has(page)) return;
    seen.add(page);
    for (const { target } of linksOf(await read(page))) {
      if (/^([a-z]+:|#)/.test(target)) continue;
      const there = path.posix.join(path.posix.dirname(page), target.split("#")[0]!);
      if (pages.includes(there)) await visit(there);
    }
  };
  await visit("README.md");
  expect(pages.filter((page) => page.startsWith("docs/") && !seen.has(page))).toEqual([]);
});

it("finds links and pictures outside code", () => {
  const markdown = "# A\n\n[a](b.md#c) `[no](link)` ![p](p.svg \"title\") [`x`](y.ts)\n\n```md\n[no](link)\n```\n\n<img src=\"q.svg\"> [e](<f.md>)\n";
  expect(linksOf(markdown)).toEqual([
    { target: "b.md#c", line: 3 },
    { target: "p.svg", line: 3 },
    { target: "y.ts", line: 3 },
    { target: "q.svg", line: 9 },
    { target: "f.md", line: 9 },
  ]);
  expect(replaceLinks(markdown, (target) => target)).toBe(markdown);
  expect(replaceLinks("[a](b) `[a](b)`", () => "c")).toBe("[a](c) `[a](b)`");
});

it("makes anchors as GitHub does", () => {
  expect(slugOf("`query`: the Range, half-open!")).toBe("query-the-range-half-open");
  expect([...anchorsOf('# A b\n\n## A b\n\n```\n# no\n```\n\n<a id="own"></a>\n\n## [L](x.md) & more\n')]).toEqual(["a-b", "a-b-1", "own", "l--more"]);
});
