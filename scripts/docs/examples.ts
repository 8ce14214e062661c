import { readFile } from "node:fs/promises";
import path from "node:path";
import ts from "typescript";
import { codeBlocks } from "../markdown-code.js";
import { readPackages, root } from "../packages.mjs";
import { markdownPages, sourceFiles } from "./pages.js";

/** Code that a comment or a page shows, and that no test runs. */
export interface Example {
  /** The file it stands in, from the repository's root. */
  readonly file: string;
  /** Of its first line, from 1. */
  readonly line: number;
  readonly code: string;
}

/** The `@example` blocks of a source file's comments: from the tag to an empty line, the next tag or the end. */
export function examplesIn(file: string, source: string): readonly Example[] {
  const lines = source.split("\n");
  const examples: Example[] = [];
  for (let i = 0; i < lines.length; i++) {
    if (!/^\s*\* @example\b/.test(lines[i]!)) continue;
    const start = i + 1;
    const code: string[] = [];
    for (let line = lines[++i]; line !== undefined && !/^\s*\*(\/|\s*$|\s@)/.test(line); line = lines[++i]) code.push(line.replace(/^\s*\* ?/, ""));
    examples.push({ file, line: start + 1, code: code.join("\n") });
    i--;
  }
  return examples;
}

/** Every `@example` of the packages, and the TypeScript of pages that is not taken from a tested file. */
export async function readExamples(): Promise<readonly Example[]> {
  const sources = (await sourceFiles()).filter((file) => /^packages\/[\w-]+\/src\/.*\.ts$/.test(file) && !/\.test(-d)?\.ts$/.test(file));
  const read = (file: string): Promise<string> => readFile(path.join(root, file), "utf8");
  const inComments = await Promise.all(sources.map(async (file) => examplesIn(file, await read(file))));
  // The README's program is run by a test of its own.
  const pages = (await markdownPages()).filter((page) => page !== "README.md");
  const inPages = await Promise.all(
    pages.map(async (page) =>
      codeBlocks(await read(page))
        .filter(({ language, source }) => language === "ts" && source === undefined)
        .map(({ code, line }) => ({ file: page, line: line + 1, code })),
    ),
  );
  return [...inComments, ...inPages].flat();
}

/** What examples may name without declaring it: see `example-context.ts`. */
const CONTEXT = path.join(root, "scripts/docs/example-context.ts");

/**
 * Compiles all examples in one program, each a module of its own. What it names and does not declare is imported:
 * from the packages what they export, the rest from the context. Gives `file:line message` of every error.
 */
export function compileExamples(examples: readonly Example[]): readonly string[] {
  const { config } = ts.readConfigFile(path.join(root, "tsconfig.json"), ts.sys.readFile) as { config: object };
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [CONTEXT] }, ts.sys, root);
  // The front door first: an example imports as a user does.
  const entryPoints = readPackages()
    .flatMap((each) => each.entryPoints)
    .sort((a, b) => Number(b.specifier.startsWith("millrace")) - Number(a.specifier.startsWith("millrace")));
  const program = ts.createProgram([CONTEXT, ...entryPoints.map(({ source }) => source)], options);
  const checker = program.getTypeChecker();
  const exported = (file: string): readonly ts.Symbol[] => {
    const module = checker.getSymbolAtLocation(program.getSourceFile(file)!);
    return module ? checker.getExportsOfModule(module) : [];
  };
  const origin = new Map<string, { readonly specifier: string; readonly isType: boolean }>();
  for (const [specifier, file] of [["./example-context.js", CONTEXT] as const, ...entryPoints.map(({ specifier, source }) => [specifier, source] as const)]) {
    for (const symbol of exported(file)) {
      const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
      if (!origin.has(symbol.name)) origin.set(symbol.name, { specifier, isType: (target.flags & ts.SymbolFlags.Value) === 0 });
    }
  }

  const modules = new Map<string, { readonly example: Example; readonly text: string; readonly before: number }>();
  examples.forEach((example, i) => {
    const { free, imports } = namesOf(example.code);
    const heads = [...free].sort().flatMap((name) => {
      const from = origin.get(name);
      return from ? [`import ${from.isType ? "type " : ""}{ ${name} } from "${from.specifier}";\n`] : [];
    });
    // An example's own imports of files that only it has are taken from the context.
    const code = imports.reduce((text, file) => text.replaceAll(`"${file}"`, '"./example-context.js"'), example.code);
    modules.set(path.join(root, `scripts/docs/example-${i}.ts`), { example, text: `${heads.join("")}${code}\nexport {};\n`, before: heads.length });
  });

  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile: readText } = host;
  host.fileExists = (file) => modules.has(path.normalize(file)) || fileExists(file);
  host.readFile = (file) => modules.get(path.normalize(file))?.text ?? readText(file);
  host.getSourceFile = (file, target, ...rest) => {
    const made = modules.get(path.normalize(file));
    if (made) return ts.createSourceFile(file, made.text, target);
    return program.getSourceFile(file) ?? getSourceFile(file, target, ...rest);
  };
  const whole = ts.createProgram([...modules.keys()], options, host, program);
  return [...modules].flatMap(([file, { example, before }]) => {
    const source = whole.getSourceFile(file)!;
    return [...whole.getSyntacticDiagnostics(source), ...whole.getSemanticDiagnostics(source)].map(({ start, messageText }) => {
      const line = example.line + source.getLineAndCharacterOfPosition(start ?? 0).line - before;
      return `${example.file}:${line} ${ts.flattenDiagnosticMessageText(messageText, "\n")}`;
    });
  });
}

/** Identifiers that stand for a value or type from outside, and the files of its own project that it imports. */
function namesOf(code: string): { readonly free: ReadonlySet<string>; readonly imports: readonly string[] } {
  const source = ts.createSourceFile("example.ts", code, ts.ScriptTarget.ES2022, true);
  const used = new Set<string>();
  // What is declared at the top is not imported; what is declared inside hides nothing that an import would break.
  const declared = new Set<string>();
  const imports: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier) && node.moduleSpecifier.text.startsWith(".")) imports.push(node.moduleSpecifier.text);
    if (ts.isIdentifier(node)) {
      const { parent } = node;
      const isDeclaration = (ts.isVariableDeclaration(parent) || ts.isBindingElement(parent) || ts.isFunctionDeclaration(parent) || ts.isClassDeclaration(parent) || ts.isInterfaceDeclaration(parent) || ts.isTypeAliasDeclaration(parent) || ts.isImportSpecifier(parent) || ts.isImportClause(parent) || ts.isNamespaceImport(parent)) && parent.name === node;
      const isMember = (ts.isPropertyAccessExpression(parent) && parent.name === node) || (ts.isPropertyAssignment(parent) && parent.name === node) || (ts.isMethodDeclaration(parent) && parent.name === node) || (ts.isBindingElement(parent) && parent.propertyName === node);
      if (isDeclaration && !insideFunction(node)) declared.add(node.text);
      else if (!isMember && !isDeclaration) used.add(node.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return { free: new Set([...used].filter((name) => !declared.has(name))), imports };
}

function insideFunction(node: ts.Node): boolean {
  for (let at: ts.Node | undefined = node.parent; at; at = at.parent) {
    if (ts.isFunctionLike(at) && !(ts.isFunctionDeclaration(at) && at.name === node)) return true;
  }
  return false;
}
