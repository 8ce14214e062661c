import { readFile } from "node:fs/promises";
import path from "node:path";

/** A fenced block of a Markdown page. */
export interface CodeBlock {
  readonly language: string;
  readonly code: string;
  /** Line of its first fence, from 1. */
  readonly line: number;
  /** Where it was taken from: what the comment on the line before says, `<!-- code: src/sink.ts#region -->`. */
  readonly source: string | undefined;
}

const SOURCE = /^<!-- code: (\S+) -->$/;

/** The fenced blocks of a page, in order. */
export function codeBlocks(markdown: string): readonly CodeBlock[] {
  const lines = markdown.split("\n");
  const blocks: CodeBlock[] = [];
  for (let i = 0; i < lines.length; i++) {
    const language = /^```(\w*)$/.exec(lines[i]!)?.[1];
    if (language === undefined) continue;
    const end = lines.indexOf("```", i + 1);
    if (end < 0) throw new RangeError(`reading code: the block at line ${i + 1} has no end`);
    const source = [lines[i - 1], lines[i - 1] === "" ? lines[i - 2] : undefined].map((line) => SOURCE.exec(line ?? "")?.[1]).find((found) => found !== undefined);
    blocks.push({ language, code: lines.slice(i + 1, end).map((line) => `${line}\n`).join(""), line: i + 1, source });
    i = end;
  }
  return blocks;
}

/**
 * The code that `examples/x.ts#name` stands for: the lines between `// region name` and `// endregion`, without the
 * indentation that they share; without a name, the file.
 */
export async function sourceCode(root: string, source: string): Promise<string> {
  const [file, region] = source.split("#") as [string, string | undefined];
  const text = await readFile(path.join(root, file), "utf8");
  if (region === undefined) return text;
  const lines = text.split("\n");
  const start = lines.findIndex((line) => line.trim() === `// region ${region}`);
  const end = lines.findIndex((line, i) => i > start && line.trim() === "// endregion");
  if (start < 0 || end < 0) throw new RangeError(`reading code: "${file}" has no region "${region}"`);
  const inside = lines.slice(start + 1, end);
  const indent = Math.min(...inside.filter((line) => line !== "").map((line) => line.length - line.trimStart().length));
  return inside.map((line) => `${line.slice(indent)}\n`).join("");
}
