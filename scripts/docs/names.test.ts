// What pages name must exist: commands, options, scripts, packages with their subpaths, symbols, files.
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { createProgram } from "../../packages/millrace/src/cli/program.js";
import { readPackages, root } from "../packages.mjs";
import type { Command } from "./names.js";
import { codeOf, strange, wordsOfSources } from "./names.js";
import { markdownPages } from "./pages.js";

const program = createProgram("0.0.0");
const specifiers = new Set([...readPackages().flatMap(({ name, entryPoints }) => [name, ...entryPoints.map(({ specifier }) => specifier)]), "@millrace"]);
const { scripts } = JSON.parse(await readFile(path.join(root, "package.json"), "utf8")) as { readonly scripts: Readonly<Record<string, string>> };
const words = await wordsOfSources();

/** Pages that name what is not ours, or what was. */
const FOREIGN = new Set(["docs/comparison.md"]);
const isForeign = (page: string): boolean => FOREIGN.has(page) || page.startsWith("docs/decisions/");
/** Words of programs and languages that we only use. */
const BORROWED = new Set(["--cpu-prof", "--cpu-prof-dir"]);

const pages = await markdownPages();

describe.each(pages)("%s", (page) => {
  it("names only what is there", async () => {
    const problems: string[] = [];
    for (const { text, line, shell } of codeOf(await readFile(path.join(root, page), "utf8"))) {
      const say = (problem: string): number => problems.push(`${page}:${line} \`${text}\`: ${problem}`);

      const command = /^(?:npx )?millrace(?: +(.*))?$/.exec(text);
      if (command) {
        const typed = (command[1] ?? "").match(/"[^"]*"|\S+/g) ?? [];
        // In a text, `millrace batch run [--full]` and `millrace rollback N` stand for what is typed.
        const problem = strange(program, typed.map((word) => word.replace(/^\[|\]$/g, "")).filter((word) => !/^(\.\.\.|…)$/.test(word)));
        if (problem !== undefined) say(problem);
      } else {
        for (const [option] of text.matchAll(/(?<![\w-])--[a-z][a-z-]*/g)) if (!words.has(option) && !BORROWED.has(option)) say(`no program here has the option "${option}"`);
      }

      const script = text.includes(" -w ") ? undefined : /^npm run (?:-s )?([\w:-]+)/.exec(text)?.[1];
      if (script !== undefined && !page.includes("/template/") && scripts[script] === undefined) say(`the repository has no script "${script}"`);

      for (const [specifier] of text.matchAll(/(?<![\w./-])@millrace(?:\/[a-z-]+)*(?![\w*/-])/g)) if (!specifiers.has(specifier)) say("no package exports it");
      const subpath = /^millrace\/[a-z-]+$/.exec(text)?.[0];
      if (subpath !== undefined && !specifiers.has(subpath)) say("no package exports it");

      if (shell || isForeign(page)) continue;
      // A word with a hump is a name: `testLambda`, `SinkWriteError`, also as `test.expectAnswer(...)`.
      for (const [word] of text.matchAll(/(?<![\w-])[A-Za-z]+[a-z0-9]+[A-Z]\w*/g)) if (!words.has(word)) say(`no source file names "${word}"`);
      const file = /^(?:[\w.-]+\/)+[\w.-]+\.(?:ts|mjs|js|json|md)$/.exec(text)?.[0];
      if (file !== undefined && ![root, path.join(root, path.dirname(page))].some((from) => existsSync(path.join(from, file)))) say("there is no such file");
    }
    expect(problems).toEqual([]);
  });
});

it("the page of the command has every command", async () => {
  const named = codeOf(await readFile(path.join(root, "docs/guides/command.md"), "utf8")).map(({ text }) => text);
  const leaves = (command: Command, before: readonly string[]): readonly string[] =>
    command.commands.flatMap((each) => (each.commands.length > 0 ? leaves(each, [...before, each.name()]) : [[...before, each.name()].join(" ")]));
  expect(leaves(program, []).filter((leaf) => !named.some((text) => text === leaf || text.startsWith(`${leaf} `)))).toEqual([]);
});

it("finds inline code, and each command of a shell block", () => {
  expect(codeOf("a `b` c `d e`\n\n```sh\nnpm ci && npm start # comment `x`\nmillrace query a \\\n  --json | jq\n```\n\n```ts\nconst a = `b`;\n```\n")).toEqual([
    { text: "b", line: 1, shell: false },
    { text: "d e", line: 1, shell: false },
    { text: "npm ci", line: 4, shell: true },
    { text: "npm start", line: 4, shell: true },
    { text: "millrace query a   --json", line: 5, shell: true },
    { text: "jq", line: 5, shell: true },
  ]);
});

it("tells commands and options that are not there", () => {
  const command = (name: string, options: readonly string[], commands: readonly Command[] = []): Command => ({ name: () => name, options: options.map((long) => ({ long })), commands });
  const own = command("m", ["--config"], [command("batch", [], [command("run", ["--full"])])]);
  expect(strange(own, ["batch", "run", "--full", "--config", "x", "7"])).toBeUndefined();
  expect(strange(own, ["batch", "walk"])).toBe('"batch" has no command "walk"');
  expect(strange(own, ["batch", "run", "--empty=1"])).toBe('"run" has no option "--empty"');
});
