import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { InstallError } from "../errors/install-error.js";
import { MissingToolError } from "../errors/missing-tool-error.js";
import type { InstallOptions } from "../install/install-folder.js";
import { installFolder } from "../install/install-folder.js";
import type { ProgramResult } from "../process/run-program.js";
import { runProgram } from "../process/run-program.js";

/** The version of Airflow. */
export const AIRFLOW_VERSION = "3.3.2";

const SERVER = "airflow";
const TRIES = 3;
const LOCK = fileURLToPath(new URL("./requirements.lock", import.meta.url));
const ADVICE = "install Python 3.11 or newer with venv and pip, for example: apt-get install python3-venv python3-pip; MILLRACE_PYTHON names another one than python3";

/**
 * The folder of a Python environment with what `requirements.lock` pins. On first use pip fetches it, about 130 wheels;
 * nothing is compiled.
 *
 * @throws {MissingToolError} no Python with venv and pip
 * @throws {InstallError} pip failed
 */
export async function installAirflow(options: InstallOptions, signal?: AbortSignal): Promise<string> {
  const hash = createHash("sha256").update(readFileSync(LOCK)).digest("hex").slice(0, 12);
  const fill = async (partial: string, either: AbortSignal): Promise<void> => {
    options.progress(`${SERVER}: fetching Airflow ${AIRFLOW_VERSION} with pip into "${options.cache}" (once)`);
    const made = await tool(process.env["MILLRACE_PYTHON"] || "python3", ["-m", "venv", partial], either);
    if (made.code !== 0) throw new MissingToolError("python3", `installing ${SERVER}`, { advice: ADVICE });
    // `python -m` throughout: the programs of an environment name the folder that it was made in.
    const pip = ["-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check", "--no-cache-dir", "--no-deps", "--only-binary", ":all:", "-r", LOCK];
    for (let attempt = 1; ; attempt++) {
      const { code, lines } = await tool(pythonOf(partial), pip, either);
      if (code === 0) break;
      if (attempt === TRIES) throw new InstallError(SERVER, `pip failed ${TRIES} times, last with exit code ${code}\n${lines.slice(-15).join("\n")}`, { advice: "try again when PyPI can be reached (a mirror is set in pip.conf)" });
      options.progress(`${SERVER}: pip failed with exit code ${code}; trying again`);
    }
    options.progress(`${SERVER}: installed`);
  };
  return installFolder(`${SERVER}-${hash}`, options, fill, signal);
}

/** The Python of an environment. */
export const pythonOf = (environment: string): string => path.join(environment, "bin", "python");

function tool(file: string, args: readonly string[], signal: AbortSignal): Promise<ProgramResult> {
  return runProgram({ file, args }, {}, signal).catch((cause: unknown) => {
    if ((cause as NodeJS.ErrnoException).code !== "ENOENT") throw cause;
    throw new MissingToolError(file, `installing ${SERVER}`, { cause, advice: ADVICE });
  });
}
