import { createHash } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { InstallError } from "../errors/install-error.js";
import { MissingToolError } from "../errors/missing-tool-error.js";
import { runProgram } from "../process/run-program.js";
import { downloadCounter } from "./download-counter.js";
import type { InstallOptions } from "./install-folder.js";
import { installFolder } from "./install-folder.js";

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
export async function installJars({ server, pom }: Artefact, options: InstallOptions, signal?: AbortSignal): Promise<string> {
  const version = createHash("sha256").update(await readFile(pom)).digest("hex").slice(0, 12);
  return installFolder(`${server}-${version}`, options, (partial, either) => fetchJars(server, fileURLToPath(pom), partial, options, either), signal);
}

/** What Maven has fetched. */
export const mavenRepository = (cache: string): string => path.join(cache, "maven");

/** Has Maven copy a project's runtime dependencies into the new folder `partial`. Whoever calls holds the lock of the cache. */
export async function fetchJars(server: string, pom: string, partial: string, { cache, progress }: InstallOptions, signal: AbortSignal): Promise<void> {
  progress(`${server}: fetching its jars with Maven into "${cache}" (once)`);
  for (let attempt = 1; ; attempt++) {
    await rm(partial, { recursive: true, force: true });
    const counter = downloadCounter((done) => progress(`${server}: ${done}`));
    // A repository of our own: Maven's shared one is not made for two writers, and we have the lock of this one.
    const args = ["-B", `-Dmaven.repo.local=${mavenRepository(cache)}`, "-f", pom, PLUGIN, `-DoutputDirectory=${partial}`, "-DincludeScope=runtime"];
    const { code, lines } = await runProgram({ file: "mvn", args, cwd: cache }, { onLine: counter.line }, signal).catch((cause: unknown) => {
      if ((cause as NodeJS.ErrnoException).code !== "ENOENT") throw cause;
      throw new MissingToolError("mvn", `installing ${server}`, { cause, advice: "install Maven 3.6 or newer, for example: apt-get install maven" });
    });
    if (code === 0) break;
    const said = lines.filter((line) => /ERROR|Exception/.test(line));
    if (attempt === TRIES) throw new InstallError(server, `Maven failed ${TRIES} times, last with exit code ${code}\n${(said.length > 0 ? said : lines).slice(0, 15).join("\n")}`);
    progress(`${server}: Maven failed with exit code ${code}; trying again`);
  }
  progress(`${server}: installed`);
}
