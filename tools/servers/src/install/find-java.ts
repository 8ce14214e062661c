import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { MissingToolError } from "../errors/missing-tool-error.js";
import { runProgram } from "../process/run-program.js";

/** Versions of Java that a server runs on: `from` to `to`, both included. */
export interface JavaRange {
  readonly from: number;
  readonly to: number;
}

/** A Java that runs. */
export interface Java {
  readonly file: string;
  /** What it prints as its version. */
  readonly version: string;
}

/** Where systems keep several versions of Java. */
const INSTALLED = "/usr/lib/jvm";

/**
 * The first Java of the right version: that of `JAVA_HOME`, that of the path, then those installed beside it.
 *
 * @throws {MissingToolError} with the versions that were found
 */
export async function findJava(server: string, { from, to }: JavaRange, env: NodeJS.ProcessEnv = process.env, signal?: AbortSignal): Promise<Java> {
  const home = env["JAVA_HOME"];
  const installed = existsSync(INSTALLED) ? readdirSync(INSTALLED).sort().map((name) => path.join(INSTALLED, name, "bin/java")) : [];
  const found: string[] = [];
  for (const file of [...(home === undefined || home === "" ? [] : [path.join(home, "bin/java")]), "java", ...installed.filter((each) => existsSync(each))]) {
    const version = await javaVersion(file, env, signal);
    const major = version === undefined ? undefined : majorVersion(version);
    if (version === undefined || major === undefined) continue;
    if (major >= from && major <= to) return { file, version };
    found.push(`"${file}" is Java ${major}`);
  }
  const wanted = from === to ? `Java ${from}` : `Java ${from} to ${to}`;
  throw new MissingToolError("java", `looking for ${wanted} to run ${server} (${found.length === 0 ? "no Java was found" : found.join(", ")})`, {
    advice: `install Java ${from}, for example: apt-get install openjdk-${from}-jre-headless; or set JAVA_HOME to one`,
  });
}

async function javaVersion(file: string, env: NodeJS.ProcessEnv, signal: AbortSignal | undefined): Promise<string | undefined> {
  try {
    const { code, lines } = await runProgram({ file, args: ["-version"], ...(env["PATH"] === undefined ? {} : { env: { PATH: env["PATH"] } }) }, {}, signal);
    return code === 0 ? lines.join("\n") : undefined;
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
