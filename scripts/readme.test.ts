import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it, onTestFinished } from "vitest";
import { codeBlocks } from "./markdown-code.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const run = promisify(execFile);

it("the quick start of the README compiles, runs, and prints what it says it prints", { timeout: 120_000 }, async () => {
  const readme = await readFile(path.join(root, "README.md"), "utf8");
  const blocks = codeBlocks(readme);
  const first = (language: string) => blocks.find((block) => block.language === language)?.code;
  const [program, printed] = [first("ts"), first("text")];
  // Inside the workspace, where `millrace` resolves as it does for a user who installed it.
  const dir = await mkdtemp(path.join(root, "packages/millrace/.quick-start-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  await writeFile(path.join(dir, "quick-start.ts"), program!);
  await writeFile(
    path.join(dir, "tsconfig.json"),
    JSON.stringify({
      compilerOptions: { target: "es2022", module: "nodenext", moduleDetection: "force", strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, noEmit: true, skipLibCheck: true, types: ["node"], lib: ["es2023", "esnext.disposable"] },
      include: ["quick-start.ts"],
    }),
  );
  await run(process.execPath, [path.join(root, "node_modules/typescript/bin/tsc"), "-p", dir]);
  const { stdout } = await run(process.execPath, [path.join(root, "node_modules/tsx/dist/cli.mjs"), "--tsconfig", path.join(dir, "tsconfig.json"), path.join(dir, "quick-start.ts")], { cwd: dir });
  expect(stdout).toContain(printed!);
  expect(program!.split("\n").length).toBeLessThanOrEqual(62);
});
