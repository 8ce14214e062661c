import { readdirSync, statSync } from "node:fs";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import path from "node:path";
import { InstallError } from "../errors/install-error.js";
import { MissingToolError } from "../errors/missing-tool-error.js";
import type { JavaRange } from "../install/find-java.js";
import type { InstallOptions } from "../install/install-folder.js";
import { installFolder } from "../install/install-folder.js";
import type { Progress } from "../progress.js";
import type { CommandLine } from "../process/server-process.js";
import { runProgram } from "../process/run-program.js";

/** The version of Spark. */
export const SPARK_VERSION = "4.1.4";
/** What it was tested on. */
export const SPARK_JAVA: JavaRange = { from: 17, to: 17 };

const SERVER = "spark";
const TRIES = 3;
const LOOK_MS = 1_000;

/**
 * The folder with the jars of Spark and of the metastore of Hive 2.3.10, which is among them. On first use pip fetches the
 * source archive of `pyspark`, 456 MB, which holds the whole Spark: its Thrift Server is not in Maven Central. No Python
 * runs in it.
 *
 * @throws {MissingToolError} no `python3` with pip, no `tar`
 * @throws {InstallError} pip failed
 */
export async function installSpark(options: InstallOptions, signal?: AbortSignal): Promise<string> {
  const fill = async (partial: string, either: AbortSignal): Promise<void> => {
    const { progress } = options;
    const work = `${partial}.work`;
    progress(`${SERVER}: fetching Spark ${SPARK_VERSION} with pip into "${options.cache}", 456 MB (once)`);
    await rm(work, { recursive: true, force: true });
    try {
      const archive = await fetchArchive(work, progress, either);
      progress(`${SERVER}: unpacking it`);
      await run({ file: "tar", args: ["-xzf", archive, "-C", work, `pyspark-${SPARK_VERSION}/deps/jars`] }, "install tar, for example: apt-get install tar", either);
      const jars = path.join(work, `pyspark-${SPARK_VERSION}`, "deps", "jars");
      // A client that is started from there, for another protocol.
      await rm(path.join(jars, "connect-repl"), { recursive: true, force: true });
      await rename(jars, partial);
    } finally {
      await rm(work, { recursive: true, force: true });
    }
    progress(`${SERVER}: installed`);
  };
  return installFolder(`${SERVER}-${SPARK_VERSION}`, options, fill, signal);
}

async function fetchArchive(work: string, progress: Progress, signal: AbortSignal): Promise<string> {
  const [dir, temporary] = [path.join(work, "archive"), path.join(work, "temporary")];
  for (let attempt = 1; ; attempt++) {
    await rm(work, { recursive: true, force: true });
    await mkdir(temporary, { recursive: true });
    let told = 0;
    // Not every pip tells how far it is where nobody looks.
    const looking = setInterval(() => {
      // Beyond the size of the archive pip unpacks it.
      const megabytes = Math.floor(Math.min(sizeOf(temporary), 4.5e8) / 5e7) * 50;
      if (megabytes > told) progress(`${SERVER}: ${megabytes} MB`);
      told = Math.max(told, megabytes);
    }, LOOK_MS);
    // Without a build of the package only its archive comes; the second way is for a pip that cannot fetch what builds it.
    const isolation = attempt === 2 ? ["--no-build-isolation"] : [];
    const args = ["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-cache-dir", "--no-deps", "--no-binary", ":all:", ...isolation, "--dest", dir, `pyspark==${SPARK_VERSION}`];
    try {
      const { code, lines } = await tool({ file: "python3", args, cwd: work, env: { TMPDIR: temporary } }, PIP_ADVICE, signal);
      if (code === 0) {
        const name = (await readdir(dir)).find((each) => each.endsWith(".tar.gz"));
        if (name !== undefined) return path.join(dir, name);
      }
      if (lines.some((line) => line.includes("No module named pip"))) throw new MissingToolError("pip", `installing ${SERVER}`, { advice: PIP_ADVICE });
      if (attempt === TRIES) throw new InstallError(SERVER, `pip failed ${TRIES} times, last with exit code ${code}\n${lines.slice(-15).join("\n")}`, { advice: "try again when PyPI can be reached (a mirror is set in pip.conf)" });
      progress(`${SERVER}: pip failed with exit code ${code}; trying again`);
    } finally {
      clearInterval(looking);
    }
  }
}

const PIP_ADVICE = "install Python 3 with pip, for example: apt-get install python3-pip";

function tool(command: CommandLine, advice: string, signal: AbortSignal): ReturnType<typeof runProgram> {
  return runProgram(command, {}, signal).catch((cause: unknown) => {
    if ((cause as NodeJS.ErrnoException).code !== "ENOENT") throw cause;
    throw new MissingToolError(command.file, `installing ${SERVER}`, { cause, advice });
  });
}

async function run(command: CommandLine, advice: string, signal: AbortSignal): Promise<void> {
  const { code, lines } = await tool(command, advice, signal);
  if (code !== 0) throw new InstallError(SERVER, `"${command.file}" ended with exit code ${code}\n${lines.slice(-15).join("\n")}`, { advice });
}

/** Bytes of all files below a folder. */
function sizeOf(folder: string): number {
  let size = 0;
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
      if (entry.isFile()) size += statSync(path.join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0;
    }
  } catch {
    // pip removed what was being looked at.
  }
  return size;
}
