import { cacheDir, findJava, holdLock, installJars, InstallError, MissingToolError, runProgram, type CommandLine, type Progress } from "@millrace/servers";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, readdir, rename, rm } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { JavaProgram, PythonProgram } from "./peer.js";

const PEERS = new URL("../../peers/", import.meta.url);
const COMPILER = ["-m", "jdk.compiler/com.sun.tools.javac.Main", "-nowarn", "-encoding", "UTF-8", "--release", "17"];

/** What runs a peer's program: what is missing is fetched with Maven or pip and compiled, once, into the cache of the servers. */
export async function installPeer(program: JavaProgram | PythonProgram, progress: Progress): Promise<CommandLine> {
  return program.kind === "java" ? installJava(program, progress) : installPython(program, progress);
}

async function installJava({ folder, main, jvm }: JavaProgram, progress: Progress): Promise<CommandLine> {
  const cache = cacheDir();
  const jars = await installJars({ server: `peer-${folder}`, pom: new URL(`${folder}/pom.xml`, PEERS) }, { cache, progress });
  const java = await findJava(`the peer "${folder}"`, { from: 17, to: 21 });
  const sources = [...(await sourcesIn("jvm")), ...(await sourcesIn(folder))];
  const classes = await once(`peer-${folder}-classes`, [...sources, join(fileURLToPath(PEERS), folder, "pom.xml")], progress, async (target) => {
    // The compiler expands no wildcards when it is started this way.
    const libraries = (await readdir(jars)).map((name) => join(jars, name));
    await run(folder, java.file, [...COMPILER, "-cp", libraries.join(delimiter), "-d", target, ...sources], "a Java with its compiler (a JDK) is needed, for example: apt-get install openjdk-17-jdk-headless");
  });
  return { file: java.file, args: [...jvm, "-cp", `${classes}${delimiter}${join(jars, "*")}`, main] };
}

async function sourcesIn(folder: string): Promise<string[]> {
  const directory = fileURLToPath(new URL(folder, PEERS));
  return (await readdir(directory)).filter((name) => name.endsWith(".java")).sort().map((name) => join(directory, name));
}

async function installPython({ file }: PythonProgram, progress: Progress): Promise<CommandLine> {
  const directory = fileURLToPath(new URL("python/", PEERS));
  const lock = join(directory, "requirements.lock");
  const target = await once("peer-python", [lock], progress, async (partial) => {
    await run("python", "python3", ["-m", "venv", partial], "Python 3.11 with its venv module is needed, for example: apt-get install python3-venv");
    progress("peer-python: fetching its packages with pip (once)");
    await run("python", join(partial, "bin/python"), ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:", "--requirement", lock], "pip could not install the packages of requirements.lock");
  });
  // Not its scripts, which name the folder they were made in.
  return { file: join(target, "bin/python"), args: ["-B", join(directory, file)] };
}

/** A folder of the cache that `make` fills, named after what it is made from: it is there whole or not at all. */
async function once(name: string, from: readonly string[], progress: Progress, make: (partial: string) => Promise<void>): Promise<string> {
  const hash = createHash("sha256");
  for (const file of from) hash.update(await readFile(file));
  const cache = cacheDir();
  const target = join(cache, `${name}-${hash.digest("hex").slice(0, 12)}`);
  if (existsSync(target)) return target;
  await mkdir(cache, { recursive: true });
  const lock = await holdLock(cache, "install", () => progress(`another process installs into "${cache}": waiting for it`));
  try {
    if (existsSync(target)) return target;
    const partial = `${target}.partial`;
    await rm(partial, { recursive: true, force: true });
    await mkdir(partial);
    progress(`${name}: making "${target}" (once)`);
    await make(partial);
    await rename(partial, target);
    return target;
  } finally {
    await lock.release();
  }
}

async function run(peer: string, file: string, args: readonly string[], advice: string): Promise<void> {
  const { code, lines } = await runProgram({ file, args: [...args] }).catch((cause: unknown) => {
    if ((cause as NodeJS.ErrnoException).code !== "ENOENT") throw cause;
    throw new MissingToolError(file, `installing the peer "${peer}"`, { cause, advice });
  });
  if (code !== 0) throw new InstallError(peer, `"${file}" ended with exit code ${code} (${advice})\n${lines.slice(0, 15).join("\n")}`);
}
