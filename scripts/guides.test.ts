import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { markdownPages } from "./docs/pages.js";
import { codeBlocks, sourceCode } from "./markdown-code.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const guides = await markdownPages();

/** `MILLRACE_UPDATE_GUIDES=1` writes the code that it finds into the guides. */
const UPDATE = process.env["MILLRACE_UPDATE_GUIDES"] === "1";

// A page's code is taken from files that are tested; where it names its file, it must still be what is there.
describe.each(guides)("%s", (guide) => {
  it("shows the code of the files that it names", async () => {
    let markdown = await readFile(path.join(root, guide), "utf8");
    for (const { code, language, line, source } of codeBlocks(markdown)) {
      if (source === undefined) continue;
      const current = await sourceCode(root, source);
      if (UPDATE) markdown = markdown.replace(`<!-- code: ${source} -->\n\n\`\`\`${language}\n${code}\`\`\``, () => `<!-- code: ${source} -->\n\n\`\`\`${language}\n${current}\`\`\``);
      else expect(code, `${guide}:${line} is not the code of ${source}: run the tests with MILLRACE_UPDATE_GUIDES=1`).toBe(current);
    }
    if (UPDATE) await writeFile(path.join(root, guide), markdown);
  });
});

it("finds blocks with their languages, lines and sources", () => {
  expect(codeBlocks("# A\n\n<!-- code: a.ts#b -->\n\n```ts\nconst a = 1;\n```\n\n```text\n\n```\n")).toEqual([
    { language: "ts", code: "const a = 1;\n", line: 5, source: "a.ts#b" },
    { language: "text", code: "\n", line: 9, source: undefined },
  ]);
  expect(() => codeBlocks("```ts\n")).toThrow("the block at line 1 has no end");
});

it("refuses a region that is not there", async () => {
  await expect(sourceCode(root, "scripts/markdown-code.ts#nowhere")).rejects.toThrow('"scripts/markdown-code.ts" has no region "nowhere"');
});
