import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { beforeEach, expect, it } from "vitest";
import { findJava, majorVersion } from "./find-java.js";

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), "millrace-java-test-"));
  return () => rm(dir, { recursive: true, force: true });
});

/** A folder as `JAVA_HOME` names it, whose Java says that it is of this version. */
async function javaHome(version: string): Promise<string> {
  const home = path.join(dir, version);
  await mkdir(path.join(home, "bin"), { recursive: true });
  await writeFile(path.join(home, "bin/java"), `#!/bin/sh\necho 'openjdk version "${version}" 2025-04-15' >&2\n`);
  await chmod(path.join(home, "bin/java"), 0o755);
  return home;
}

it("reads the version that Java prints", () => {
  expect(majorVersion('openjdk version "17.0.15" 2025-04-15\nOpenJDK Runtime Environment')).toBe(17);
  expect(majorVersion('java version "1.8.0_392"')).toBe(8);
  expect(majorVersion('openjdk version "25" 2025-09-16')).toBe(25);
  expect(majorVersion("command not found")).toBeUndefined();
});

it("takes JAVA_HOME before the path, when its version is right", async () => {
  const [home, old] = [await javaHome("17.0.1"), await javaHome("11.0.2")];
  expect(await findJava("thing", { from: 17, to: 17 }, { JAVA_HOME: home, PATH: path.join(old, "bin") })).toEqual({ file: path.join(home, "bin/java"), version: 'openjdk version "17.0.1" 2025-04-15' });
  expect(await findJava("thing", { from: 11, to: 11 }, { JAVA_HOME: home, PATH: `${path.join(old, "bin")}:/bin` })).toMatchObject({ file: "java" });
});

it("says what was found and what to do when no version is right", async () => {
  const home = await javaHome("99.0.1");
  await expect(findJava("thing", { from: 98, to: 98 }, { JAVA_HOME: home, PATH: "/nowhere" })).rejects.toMatchObject({
    code: "MISSING_TOOL",
    message: expect.stringMatching(/^looking for Java 98 to run thing \(.*is Java 99.*\): "java" is not there$/) as string,
    advice: "install Java 98, for example: apt-get install openjdk-98-jre-headless; or set JAVA_HOME to one",
  });
});
