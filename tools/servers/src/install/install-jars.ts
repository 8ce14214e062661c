import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { InstallError } from "../errors/install-error.js";
import { MissingToolError } from "../errors/missing-tool-error.js";
import type { Progress } from "../progress.js";
import { holdLock } from "../process/hold-lock.js";
import { runProgram } from "../process/run-program.js";
import { downloadCounter } from "./download-counter.js";

/** What is to be installed. */
export interface Artefact {
  readonly server: string;
  /** A Maven project whose runtime dependencies are the server. */
  readonly pom: URL;
}

const PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies";
/** An interrupted download goes on where it stopped, so another try costs little. */
const TRIES = 3;

/**
 * The folder with the jars of a server; on first use Maven fetches them. Any number of processes may ask at once: one
 * installs, the others wait. The folder appears whole or not at all, and a changed project gets a new one.
 *
 * @throws {MissingToolError} no `mvn`
 * @throws {InstallError} Maven failed
 */
export async function installJars({ server, pom }: Artefact, options: { readonly cache: string; readonly progress: Progress }, signal?: AbortSignal): Promise<string> {
  const { cache, progress } = options;
  const version = createHash("sha256").update(await readFile(pom)).digest("hex").slice(0, 12);
  const target = path.join(cache, `${server}-${version}`);
  if (existsSync(target)) return target;
  await mkdir(cache, { recursive: true });
  const lock = await holdLock(cache, "install", () => progress(`another process installs servers into "${cache}": waiting for it`), signal);
  try {
    // It may have been this server.
    if (existsSync(target)) return target;
    await fetchJars(server, fileURLToPath(pom), target, options, signal === undefined ? lock.lost : AbortSignal.any([signal, lock.lost]));
    return target;
  } finally {
    await lock.release();
  }
}

async function fetchJars(server: string, pom: string, target: string, { cache, progress }: { readonly cache: string; readonly progress: Progress }, signal: AbortSignal): Promise<void> {
  const partial = `${target}.partial`;
  progress(`${server}: fetching its jars with Maven into "${target}" (once)`);
  for (let attempt = 1; ; attempt++) {
    await rm(partial, { recursive: true, force: true });
    const counter = downloadCounter((done) => progress(`${server}: ${done}`));
    // A repository of our own: Maven's shared one is not made for two writers, and we have the lock of this one.
    const args = ["-B", `-Dmaven.repo.local=${path.join(cache, "maven")}`, "-f", pom, PLUGIN, `-DoutputDirectory=${partial}`, "-DincludeScope=runtime"];
    const { code, lines } = await runProgram({ file: "mvn", args, cwd: cache }, { onLine: counter.line }, signal).catch((cause: unknown) => {
      if ((cause as NodeJS.ErrnoException).code !== "ENOENT") throw cause;
      throw new MissingToolError("mvn", `installing ${server}`, { cause, advice: "install Maven 3.6 or newer, for example: apt-get install maven" });
    });
    if (code === 0) break;
    const said = lines.filter((line) => /ERROR|Exception/.test(line));
    if (attempt === TRIES) throw new InstallError(server, `Maven failed ${TRIES} times, last with exit code ${code}\n${(said.length > 0 ? said : lines).slice(0, 15).join("\n")}`);
    progress(`${server}: Maven failed with exit code ${code}; trying again`);
  }
  await rename(partial, target);
  progress(`${server}: installed`);
}
