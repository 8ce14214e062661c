import { chmod, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { beforeEach, expect, it, onTestFinished, vi } from "vitest";
import { InstallError } from "../errors/install-error.js";
import { MissingToolError } from "../errors/missing-tool-error.js";
import { installJars } from "./install-jars.js";

let dir: string;
let pom: URL;

beforeEach(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), "millrace-install-test-"));
  pom = pathToFileURL(path.join(dir, "pom.xml"));
  await writeFile(pom, "<project/>");
  return async () => {
    vi.unstubAllEnvs();
    await rm(dir, { recursive: true, force: true });
  };
});

/** Puts a program before all others that is called as Maven is; `body` runs with the wanted folder in `$out`. */
async function maven(body: string): Promise<void> {
  const file = path.join(dir, "mvn");
  await writeFile(file, `#!/bin/sh\necho run >> "${dir}/runs"\nfor word in "$@"; do case "$word" in -DoutputDirectory=*) out="\${word#*=}";; esac; done\n${body}\n`);
  await chmod(file, 0o755);
  vi.stubEnv("PATH", `${dir}:${process.env["PATH"]}`);
}

const runs = async (): Promise<number> => (await readFile(path.join(dir, "runs"), "utf8")).trim().split("\n").length;

function install(said: string[] = []): Promise<string> {
  return installJars({ server: "thing", pom }, { cache: path.join(dir, "cache"), progress: (line) => said.push(line) });
}

it("installs once, however many ask at once, and never again", async () => {
  await maven('mkdir -p "$out"; sleep 0.3; echo jar > "$out/thing.jar"');
  const folders = await Promise.all([install(), install(), install()]);
  expect(new Set([...folders, await install()]).size).toBe(1);
  expect(await readdir(folders[0]!)).toEqual(["thing.jar"]);
  expect(await runs()).toBe(1);
});

it("goes on after a download that was cut off, and shows no half of a server", async () => {
  await maven(`mkdir -p "$out"; echo half > "$out/half.jar"; [ -e "${dir}/cut" ] || { touch "${dir}/cut"; exit 1; }; rm "$out/half.jar"; echo jar > "$out/thing.jar"`);
  const said: string[] = [];
  expect(await readdir(await install(said))).toEqual(["thing.jar"]);
  expect(said).toEqual([expect.stringContaining("thing: fetching its jars with Maven"), "thing: Maven failed with exit code 1; trying again", "thing: installed"]);
});

it("says what Maven said when it fails for good", async () => {
  await maven('echo "[ERROR] Could not transfer artifact a:b"; exit 1');
  await expect(install()).rejects.toThrow(InstallError);
  await expect(install()).rejects.toThrow('installing "thing": Maven failed 3 times, last with exit code 1\n[ERROR] Could not transfer artifact a:b');
  expect(await readdir(path.join(dir, "cache"))).toEqual([]);
});

it("says what to install when there is no Maven", async () => {
  vi.stubEnv("PATH", dir);
  const failure = await install().catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(MissingToolError);
  expect(failure).toMatchObject({ code: "MISSING_TOOL", tool: "mvn", message: 'installing thing: "mvn" is not there', advice: "install Maven 3.6 or newer, for example: apt-get install maven" });
});

it("a changed project gets a folder of its own", async () => {
  await maven('mkdir -p "$out"');
  const first = await install();
  await writeFile(pom, "<project>2</project>");
  expect(await install()).not.toBe(first);
  expect(await runs()).toBe(2);
});

it("stops Maven at an abort", async () => {
  await maven(`echo $$ > "${dir}/pid"; exec sleep 60`);
  const stop = new AbortController();
  const installing = installJars({ server: "thing", pom }, { cache: path.join(dir, "cache"), progress: () => {} }, stop.signal);
  onTestFinished(() => stop.abort());
  const pid = await vi.waitFor(async () => {
    const text = await readFile(path.join(dir, "pid"), "utf8");
    expect(text).toMatch(/^\d+\n$/);
    return Number(text);
  });
  stop.abort(new Error("enough"));
  await expect(installing).rejects.toThrow("enough");
  expect(() => process.kill(pid, 0)).toThrow("ESRCH");
});
