import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { beforeEach, expect, it } from "vitest";
import type { ClassArchive } from "./class-archive.js";
import { archiveFlags, classArchive } from "./class-archive.js";

let cache: string;
let trials: ClassArchive[];

beforeEach(async () => {
  cache = await mkdtemp(path.join(os.tmpdir(), "millrace-archive-test-"));
  trials = [];
  return () => rm(cache, { recursive: true, force: true });
});

const ask = (javaVersion: string, made = "classes"): Promise<ClassArchive | undefined> =>
  classArchive(
    { server: "thing", jars: path.join(cache, "thing-1"), javaVersion },
    async (archive) => {
      trials.push(archive);
      if (made !== "") await writeFile(archive.file, made);
    },
    { cache, progress: () => {} },
  );

it("is made by one trial, however many ask, for each version of Java", async () => {
  const [one, two] = await Promise.all([ask("17.0.1"), ask("17.0.1")]);
  expect(one).toEqual(two);
  expect(one?.mode).toBe("read");
  expect(trials).toEqual([{ file: `${one!.file}.partial`, mode: "write" }]);
  expect((await ask("17.0.2"))!.file).not.toBe(one!.file);
  expect(trials.length).toBe(2);
});

it("a Java that makes none is asked once", async () => {
  expect(await ask("17.0.1", "")).toBeUndefined();
  expect(await ask("17.0.1", "classes")).toBeUndefined();
  expect(trials.length).toBe(1);
});

it("a trial that fails is tried again", async () => {
  const failing = classArchive({ server: "thing", jars: path.join(cache, "thing-1"), javaVersion: "17" }, () => Promise.reject(new Error("no room")), { cache, progress: () => {} });
  await expect(failing).rejects.toThrow("no room");
  expect(await ask("17")).toBeDefined();
});

it("tells Java to read or to write it", () => {
  expect(archiveFlags(undefined)).toEqual([]);
  expect(archiveFlags({ file: "/a.jsa", mode: "read" })).toEqual(["-XX:SharedArchiveFile=/a.jsa"]);
  expect(archiveFlags({ file: "/a.jsa", mode: "write" })).toEqual(["-XX:ArchiveClassesAtExit=/a.jsa", "-Xlog:cds=error"]);
});
