import { createHash } from "node:crypto";
import { existsSync, renameSync, statSync, writeFileSync } from "node:fs";
import { holdLock } from "../process/hold-lock.js";
import type { Progress } from "../progress.js";

/** The loaded classes of a server in the form in which Java maps them into memory: a start takes half the time. */
export interface ClassArchive {
  readonly file: string;
  /** `write`: the process makes it when it ends by itself. */
  readonly mode: "read" | "write";
}

/** What Java is told about an archive. */
export const archiveFlags = (archive: ClassArchive | undefined): readonly string[] =>
  archive === undefined ? [] : archive.mode === "read" ? [`-XX:SharedArchiveFile=${archive.file}`] : [`-XX:ArchiveClassesAtExit=${archive.file}`, "-Xlog:cds=error"];

/** What an archive is of and for: it fits one version of Java and one folder of jars. */
export interface ArchiveOf {
  readonly server: string;
  readonly jars: string;
  /** What Java prints as its version. */
  readonly javaVersion: string;
}

/**
 * The archive of a server, made once by `trial`, which starts the server and lets it end by itself. Undefined where
 * Java makes none.
 */
export async function classArchive(
  { server, jars, javaVersion }: ArchiveOf,
  trial: (archive: ClassArchive) => Promise<void>,
  options: { readonly cache: string; readonly progress: Progress },
  signal?: AbortSignal,
): Promise<ClassArchive | undefined> {
  const file = `${jars}-${createHash("sha256").update(javaVersion).digest("hex").slice(0, 12)}.jsa`;
  if (!existsSync(file)) {
    const lock = await holdLock(options.cache, "install", () => options.progress(`another process prepares servers in "${options.cache}": waiting for it`), signal);
    try {
      if (!existsSync(file)) {
        options.progress(`${server}: starting it for a trial, so that it starts in half the time from now on (once)`);
        const partial = `${file}.partial`;
        await trial({ file: partial, mode: "write" });
        if (existsSync(partial)) renameSync(partial, file);
        // This Java makes none: an empty file says so to the next one who asks.
        else writeFileSync(file, "");
      }
    } finally {
      await lock.release();
    }
  }
  return statSync(file).size === 0 ? undefined : { file, mode: "read" };
}
