import { readFile } from "node:fs/promises";
import path from "node:path";
import { root } from "../packages.mjs";
import { sourceFiles } from "./pages.js";

/** A piece of code in a text: between backticks, or a line of a fenced shell block. */
export interface Code {
  readonly text: string;
  /** From 1. */
  readonly line: number;
  readonly shell: boolean;
}

/** Inline code of a page, and the commands of its shell blocks, one each. Other blocks have tests of their own. */
export function codeOf(markdown: string): readonly Code[] {
  const found: Code[] = [];
  let language: string | undefined;
  const lines = markdown.split("\n");
  for (let i = 0; i < lines.length; i++) {
    const line = i + 1;
    const fence = /^\s*```(\w*)/.exec(lines[i]!);
    if (fence) {
      language = language === undefined ? fence[1]! : undefined;
      continue;
    }
    if (language === undefined) for (const [, text] of lines[i]!.matchAll(/`([^`]+)`/g)) found.push({ text: text!, line, shell: false });
    if (language !== "sh") continue;
    let text = lines[i]!;
    while (text.endsWith("\\")) text = `${text.slice(0, -1)}${lines[++i] ?? ""}`;
    for (const command of text.replace(/(^|\s)#.*$/, "").split(/&&|\||;/)) if (command.trim() !== "") found.push({ text: command.trim(), line, shell: true });
  }
  return found;
}

/** As much of a command of commander as is asked for here. */
export interface Command {
  name(): string;
  readonly commands: readonly Command[];
  readonly options: readonly { readonly long?: string | undefined; readonly short?: string | undefined }[];
}

/** What is wrong with a command line of `program`, if anything: a command or an option that it has not. */
export function strange(program: Command, words: readonly string[]): string | undefined {
  let command = program;
  for (const word of words) {
    if (word.startsWith("-")) {
      const name = word.split("=")[0]!;
      // A question has options of its own.
      if (command.name() === "ask") continue;
      const known = [...command.options, ...program.options].some(({ long, short }) => long === name || short === name) || name === "--help";
      if (!known) return `"${command.name()}" has no option "${name}"`;
    } else if (command.commands.length > 0) {
      const next = command.commands.find((each) => each.name() === word);
      if (!next) return `"${command.name()}" has no command "${word}"`;
      command = next;
    }
  }
  return undefined;
}

/** Every word that stands in the source files: what a text names and is not among them is named so no longer. */
export async function wordsOfSources(): Promise<ReadonlySet<string>> {
  const words = new Set<string>();
  for (const file of await sourceFiles()) {
    if (file.startsWith("scripts/docs")) continue;
    for (const [word] of (await readFile(path.join(root, file), "utf8")).matchAll(/--[a-z][a-z-]*|[A-Za-z_$][\w$]*/g)) words.add(word);
  }
  return words;
}
