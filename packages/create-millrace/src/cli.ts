import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { Command } from "commander";
import { createProject } from "./create-project.js";
import { ProjectNameError } from "./project-name-error.js";

interface Options {
  readonly install: boolean;
}

const { version } = JSON.parse(await readFile(new URL("../package.json", import.meta.url), "utf8")) as { readonly version: string };

const program = new Command("create-millrace")
  .description("Makes a running Millrace project: a stream, a view, a model, a sink of your own, and a test.")
  .argument("<folder>", "the project's folder, which must not exist yet or be empty")
  .option("--no-install", "do not run `npm install` in it")
  .version(version)
  .showHelpAfterError()
  .action(async (folder: string, { install }: Options) => {
    const { dir, name } = await createProject(folder, `^${version}`);
    console.log(`made ${name} in ${dir}`);
    if (install) await npmInstall(dir);
    const there = path.relative(process.cwd(), dir);
    console.log(`\nNext:\n${there === "" ? "" : `  cd ${there}\n`}${install ? "" : "  npm install\n"}  npm start    # orders flow, views and a page follow them\n  npm test     # a script of events, with a crash in it`);
  });

function npmInstall(dir: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn("npm", ["install", "--no-audit", "--no-fund"], { cwd: dir, stdio: "inherit", shell: process.platform === "win32" });
    child.once("error", reject);
    child.once("exit", (code) => (code === 0 ? resolve() : reject(new ProjectNameError(`npm install ended with ${code}: the project is there, run it again in "${dir}"`))));
  });
}

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof ProjectNameError)) throw error;
  console.error(`error: ${error.message}`);
  process.exitCode = 1;
}
