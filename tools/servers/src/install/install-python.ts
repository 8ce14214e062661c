import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { InstallError } from "../errors/install-error.js";
import { MissingToolError } from "../errors/missing-tool-error.js";
import type { ProgramResult } from "../process/run-program.js";
import { runProgram } from "../process/run-program.js";
import type { InstallOptions } from "./install-folder.js";
import { installFolder } from "./install-folder.js";

/** A Python environment that is to be made. */
export interface PythonEnvironment {
  readonly server: string;
  /** As a person calls it: "Airflow 3.3.2". */
  readonly title: string;
  /** Every package of it, each with its version. */
  readonly lock: URL;
  /** Those of them that are there as sources of pure Python only; all others must be wheels. */
  readonly sources?: readonly string[];
  /** Makes in the new environment what else is to be in the folder. */
  readonly finish?: (environment: string, signal: AbortSignal) => Promise<void>;
}

const TRIES = 3;
const ADVICE = "install Python 3.11 or newer with venv and pip, for example: apt-get install python3-venv python3-pip; MILLRACE_PYTHON names another one than python3";

/**
 * The folder of a Python environment with what `lock` pins. On first use pip fetches it; nothing is compiled. A changed
 * lock gets a new folder.
 *
 * @throws {MissingToolError} no Python with venv and pip
 * @throws {InstallError} pip failed
 */
export async function installPython({ server, title, lock, sources = [], finish }: PythonEnvironment, options: InstallOptions, signal?: AbortSignal): Promise<string> {
  const hash = createHash("sha256").update(readFileSync(lock)).digest("hex").slice(0, 12);
  const fill = async (partial: string, either: AbortSignal): Promise<void> => {
    options.progress(`${server}: fetching ${title} with pip into "${options.cache}" (once)`);
    const made = await tool(server, process.env["MILLRACE_PYTHON"] || "python3", ["-m", "venv", partial], either);
    if (made.code !== 0) throw new MissingToolError("python3", `installing ${server}`, { advice: ADVICE });
    // `python -m` throughout: the programs of an environment name the folder that it was made in.
    const pip = ["-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check", "--no-cache-dir", "--no-deps", "--only-binary", ":all:"];
    if (sources.length > 0) pip.push("--no-binary", sources.join(","));
    pip.push("-r", fileURLToPath(lock));
    for (let attempt = 1; ; attempt++) {
      const { code, lines } = await tool(server, pythonOf(partial), pip, either);
      if (code === 0) break;
      if (attempt === TRIES) throw new InstallError(server, `pip failed ${TRIES} times, last with exit code ${code}\n${lines.slice(-15).join("\n")}`, { advice: "try again when PyPI can be reached (a mirror is set in pip.conf)" });
      options.progress(`${server}: pip failed with exit code ${code}; trying again`);
    }
    await finish?.(partial, either);
    options.progress(`${server}: installed`);
  };
  return installFolder(`${server}-${hash}`, options, fill, signal);
}

/** The Python of an environment. */
export const pythonOf = (environment: string): string => path.join(environment, "bin", "python");

function tool(server: string, file: string, args: readonly string[], signal: AbortSignal): Promise<ProgramResult> {
  return runProgram({ file, args }, {}, signal).catch((cause: unknown) => {
    if ((cause as NodeJS.ErrnoException).code !== "ENOENT") throw cause;
    throw new MissingToolError(file, `installing ${server}`, { cause, advice: ADVICE });
  });
}
