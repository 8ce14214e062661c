import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { MissingToolError } from "../errors/missing-tool-error.js";
import { runProgram } from "../process/run-program.js";

/** Versions of Java that a server runs on: `from` to `to`, both included. */
export interface JavaRange {
  readonly from: number;
  readonly to: number;
}

/** Where systems keep several versions of Java. */
const INSTALLED = "/usr/lib/jvm";

/**
 * The first Java of the right version: that of `JAVA_HOME`, that of the path, then those installed beside it.
 *
 * @throws {MissingToolError} with the versions that were found
 */
export async function findJava(server: string, { from, to }: JavaRange, env: NodeJS.ProcessEnv = process.env, signal?: AbortSignal): Promise<string> {
  const home = env["JAVA_HOME"];
  const installed = existsSync(INSTALLED) ? readdirSync(INSTALLED).sort().map((name) => path.join(INSTALLED, name, "bin/java")) : [];
  const found: string[] = [];
  for (const file of [...(home === undefined || home === "" ? [] : [path.join(home, "bin/java")]), "java", ...installed.filter((each) => existsSync(each))]) {
    const version = await javaVersion(file, env, signal);
    if (version === undefined) continue;
    if (version >= from && version <= to) return file;
    found.push(`"${file}" is Java ${version}`);
  }
  const wanted = from === to ? `Java ${from}` : `Java ${from} to ${to}`;
  throw new MissingToolError("java", `looking for ${wanted} to run ${server} (${found.length === 0 ? "no Java was found" : found.join(", ")})`, {
    advice: `install Java ${from}, for example: apt-get install openjdk-${from}-jre-headless; or set JAVA_HOME to one`,
  });
}

async function javaVersion(file: string, env: NodeJS.ProcessEnv, signal: AbortSignal | undefined): Promise<number | undefined> {
  try {
    const { code, lines } = await runProgram({ file, args: ["-version"], ...(env["PATH"] === undefined ? {} : { env: { PATH: env["PATH"] } }) }, {}, signal);
    return code === 0 ? majorVersion(lines.join("\n")) : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT" || (error as NodeJS.ErrnoException).code === "EACCES") return undefined;
    throw error;
  }
}

/** 17 of `openjdk version "17.0.15" 2025-04-15`, 8 of `java version "1.8.0_392"`. */
export function majorVersion(text: string): number | undefined {
  const version = /version "(?:1\.)?(\d+)/.exec(text)?.[1];
  return version === undefined ? undefined : Number(version);
}
