import { createHash } from "node:crypto";
import { copyFile, mkdir, readFile, readdir, rename, rm } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { InstallError } from "../errors/install-error.js";
import { MissingToolError } from "../errors/missing-tool-error.js";
import type { JavaRange } from "../install/find-java.js";
import type { InstallOptions } from "../install/install-folder.js";
import { installFolder } from "../install/install-folder.js";
import { fetchJars, mavenRepository } from "../install/install-jars.js";
import { runProgram } from "../process/run-program.js";

/** What it was tested on. */
export const PRESTO_JAVA: JavaRange = { from: 17, to: 17 };

const SERVER = "presto";
const POM = new URL("./pom.xml", import.meta.url);
/** Of some forty. */
const PLUGINS = ["cassandra", "hive-hadoop2", "memory"];
/** A jar of ASM, by its name without the version. */
const ASM = /^(asm(?:-analysis|-tree|-util)?)-[\d.]+\.jar$/;

/**
 * The folder with Presto's `lib` and the plugins that are used, 0.4 GB. On first use Maven fetches the whole server,
 * 1.9 GB, of which nothing else stays. The ASM in it is replaced by one that reads classes of Java 17.
 *
 * @throws {MissingToolError} no `mvn`, no `tar`
 * @throws {InstallError} Maven or tar failed
 */
export async function installPresto(options: InstallOptions, signal?: AbortSignal): Promise<string> {
  const version = createHash("sha256").update(await readFile(POM)).digest("hex").slice(0, 12);
  return installFolder(`${SERVER}-${version}`, options, (partial, either) => fill(partial, options, either), signal);
}

async function fill(partial: string, options: InstallOptions, signal: AbortSignal): Promise<void> {
  const [fetched, whole] = [`${partial}.fetched`, `${partial}.whole`];
  try {
    options.progress(`${SERVER}: 1.9 GB are to be fetched, of which 0.4 GB stay`);
    await fetchJars(SERVER, fileURLToPath(POM), fetched, options, signal);
    const jars = await readdir(fetched);
    const archive = jars.find((name) => name.endsWith(".tar.gz"));
    if (archive === undefined) throw new InstallError(SERVER, `Maven gave no archive, but ${jars.join(", ")}`);
    options.progress(`${SERVER}: unpacking it`);
    await rm(whole, { recursive: true, force: true });
    await mkdir(whole, { recursive: true });
    // Folders of plugins share jars by hard links, so that none can be unpacked alone.
    await unpack(path.join(fetched, archive), whole, signal);
    // Room for it is needed once.
    await rm(path.join(mavenRepository(options.cache), "com", "facebook", "presto", "presto-server"), { recursive: true, force: true });
    await mkdir(path.join(partial, "plugin"), { recursive: true });
    await rename(path.join(whole, "lib"), path.join(partial, "lib"));
    for (const plugin of PLUGINS) await rename(path.join(whole, "plugin", plugin), path.join(partial, "plugin", plugin));
    for (const folder of ["lib", ...PLUGINS.map((plugin) => path.join("plugin", plugin))]) await replaceAsm(path.join(partial, folder), fetched);
    options.progress(`${SERVER}: unpacked`);
  } finally {
    await Promise.all([fetched, whole].map((folder) => rm(folder, { recursive: true, force: true })));
  }
}

async function unpack(archive: string, folder: string, signal: AbortSignal): Promise<void> {
  const advice = "install tar, for example: apt-get install tar";
  const { code, lines } = await runProgram({ file: "tar", args: ["-xzf", archive, "-C", folder, "--strip-components=1"] }, {}, signal).catch((cause: unknown) => {
    if ((cause as NodeJS.ErrnoException).code !== "ENOENT") throw cause;
    throw new MissingToolError("tar", `installing ${SERVER}`, { cause, advice });
  });
  if (code !== 0) throw new InstallError(SERVER, `"tar" ended with exit code ${code}\n${lines.slice(-15).join("\n")}`, { advice: "make sure that there are 5 GB of free space" });
}

/** Puts the fetched jars of ASM in the place of those of a folder. */
async function replaceAsm(folder: string, fetched: string): Promise<void> {
  const ours = new Map((await readdir(fetched)).flatMap((name) => (ASM.test(name) ? [[ASM.exec(name)![1]!, name] as const] : [])));
  for (const name of await readdir(folder)) {
    const own = ours.get(ASM.exec(name)?.[1] ?? "");
    if (own === undefined || own === name) continue;
    await rm(path.join(folder, name));
    await copyFile(path.join(fetched, own), path.join(folder, own));
  }
}
