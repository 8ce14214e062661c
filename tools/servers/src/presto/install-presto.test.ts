import { chmod, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { beforeEach, expect, it, vi } from "vitest";
import { installPresto } from "./install-presto.js";

let dir: string;
let cache: string;

beforeEach(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), "millrace-presto-install-test-"));
  cache = path.join(dir, "cache");
  return async () => {
    vi.unstubAllEnvs();
    await rm(dir, { recursive: true, force: true });
  };
});

/** Puts a program before all others that is called as Maven is; `body` runs with the wanted folder in `$out`. */
async function maven(body: string): Promise<void> {
  await writeFile(path.join(dir, "mvn"), `#!/bin/sh\nfor word in "$@"; do case "$word" in -DoutputDirectory=*) out="\${word#*=}";; esac; done\nmkdir -p "$out"; cd "${dir}"\n${body}\n`);
  await chmod(path.join(dir, "mvn"), 0o755);
  vi.stubEnv("PATH", `${dir}:${process.env["PATH"]}`);
}

/** The archive as it is: a folder of jars, and more plugins than are wanted, one of which shares a jar by a hard link. */
const ARCHIVE = [
  "mkdir -p p/lib p/bin p/plugin/cassandra p/plugin/hive-hadoop2 p/plugin/memory p/plugin/other",
  "for each in lib plugin/hive-hadoop2; do for jar in asm asm-tree; do echo old > p/$each/$jar-9.0.jar; done; done",
  "echo jar > p/lib/main.jar; echo jar > p/plugin/other/shared.jar; ln p/plugin/other/shared.jar p/plugin/cassandra/shared.jar",
  'tar -czf "$out/presto-server-0.283.tar.gz" p; for jar in asm asm-tree asm-util asm-analysis; do echo new > "$out/$jar-9.7.1.jar"; done',
].join("\n");

const install = (): Promise<string> => installPresto({ cache, progress: () => {} });

it("keeps the jars that are used, with an ASM that reads classes of Java 17, and nothing of what was fetched", async () => {
  await maven(ARCHIVE);
  const fetched = path.join(cache, "maven", "com", "facebook", "presto", "presto-server");
  await mkdir(fetched, { recursive: true });
  const folder = await install();
  expect((await readdir(folder, { recursive: true })).sort()).toEqual([
    ...["lib", "lib/asm-9.7.1.jar", "lib/asm-tree-9.7.1.jar", "lib/main.jar"],
    ...["plugin", "plugin/cassandra", "plugin/cassandra/shared.jar", "plugin/hive-hadoop2", "plugin/hive-hadoop2/asm-9.7.1.jar", "plugin/hive-hadoop2/asm-tree-9.7.1.jar", "plugin/memory"],
  ]);
  expect(await readFile(path.join(folder, "lib", "asm-9.7.1.jar"), "utf8")).toBe("new\n");
  expect(await readdir(cache)).toEqual(["maven", path.basename(folder)]);
  expect(await readdir(path.dirname(fetched))).toEqual([]);
  expect(await install()).toBe(folder);
});

it("says what tar says of an archive that is none, and leaves nothing", async () => {
  await maven('echo none > "$out/presto-server-0.283.tar.gz"');
  await expect(install()).rejects.toMatchObject({ code: "SERVER_INSTALL", message: expect.stringMatching(/^installing "presto": "tar" ended with exit code \d+\n/) as string, advice: "make sure that there are 5 GB of free space" });
  expect(await readdir(cache)).toEqual([]);
});
