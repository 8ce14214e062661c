// What the page of symptoms names is what programs say.
import { readFile } from "node:fs/promises";
import path from "node:path";
import { expect, it } from "vitest";
import { sourceFiles } from "../docs/pages.js";
import { root } from "../packages.mjs";

const page = await readFile(path.join(root, "docs/guides/troubleshooting.md"), "utf8");
const files = (await sourceFiles()).filter((file) => file.startsWith("packages/") && !/\.test\.ts$|\/testing\/|\/fixture\//.test(file));
const sources = (await Promise.all(files.map((file) => readFile(path.join(root, file), "utf8")))).join("\n");
/** Cells of the second column, where a table has one for codes and messages. */
const told = page.split("\n").flatMap((line) => {
  const cells = line.split(" | ");
  return cells.length === 4 && !line.includes("code, message") ? [...cells[1]!.matchAll(/`([^`]+)`/g)].map(([, text]) => text!) : [];
});

it("names codes that errors and warnings have", () => {
  const codes = told.filter((text) => /^[A-Z_]+$/.test(text));
  expect(codes.length).toBeGreaterThan(40);
  expect(codes.filter((code) => !new RegExp(`["(\\s]${code}["':]|\\b${code}: \\{`).test(sources))).toEqual([]);
});

it("names sentences that are in the code", () => {
  const sentences = told.filter((text) => !/^[A-Z_]+$/.test(text));
  expect(sentences.length).toBeGreaterThan(15);
  expect(sentences.filter((text) => !sources.includes(text))).toEqual([]);
});
