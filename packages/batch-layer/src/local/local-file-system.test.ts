import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { FileSystemError, simulatedClock } from "@millrace/core";
import { fileSystemConformance } from "@millrace/core/testing";
import { fileSystemFailure } from "./file-system-failure.js";
import { localFileSystem } from "./local-file-system.js";

const never = new AbortController().signal;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
let root: string;

beforeEach(async () => {
  root = await fs.mkdtemp(path.join(os.tmpdir(), "millrace-files-"));
});
afterEach(() => fs.rm(root, { recursive: true, force: true }));

fileSystemConformance(it, async () => {
  const folder = path.join(root, "own");
  return {
    files: localFileSystem({ root: folder }),
    another: async () => localFileSystem({ root: folder }),
    readBack: (file) => fs.readFile(path.join(folder, file)).catch(() => null),
  };
});

it("leaves no temporary file behind, whatever was done", async () => {
  const files = localFileSystem({ root });
  await files.putIfAbsent("a/b/c.json", bytes("1"), never);
  await files.putIfAbsent("a/b/c.json", bytes("2"), never);
  await files.replace("current", bytes("3"), never);
  const committed = await files.write("a/d.bin", never);
  await committed.write(bytes("4"));
  await committed.commit();
  const aborted = await files.write("a/e.bin", never);
  await aborted.write(bytes("5"));
  await aborted.abort();
  expect((await fs.readdir(root, { recursive: true })).sort()).toEqual(["a", "a/b", "a/b/c.json", "a/d.bin", "current"]);
});

it("at first use removes the temporary files of writers that died more than a day ago, and no other", async () => {
  const now = Date.now();
  await fs.mkdir(path.join(root, "deep"));
  for (const [name, ageMs] of [["_tmp-old", 90_000_000], ["_tmp-young", 3_000], ["kept", 90_000_000]] as const) {
    const file = path.join(root, "deep", name);
    await fs.writeFile(file, "x");
    await fs.utimes(file, (now - ageMs) / 1_000, (now - ageMs) / 1_000);
  }
  const files = localFileSystem({ root, clock: simulatedClock(now) });
  expect((await files.list("", never)).map((file) => file.path)).toEqual(["deep/kept"]);
  expect((await fs.readdir(path.join(root, "deep"))).sort()).toEqual(["_tmp-young", "kept"]);
});

it("tells what a full disk means", () => {
  const failure = fileSystemFailure(`writing file "a"`, "a", Object.assign(new Error("ENOSPC: no space left"), { code: "ENOSPC" })) as FileSystemError;
  expect(failure).toBeInstanceOf(FileSystemError);
  expect([failure.message, failure.systemCode, failure.retryable, failure.advice]).toEqual([`writing file "a": ENOSPC`, "ENOSPC", true, "free space on the disk"]);
});

it("names the file that stands where a folder is needed", async () => {
  const files = localFileSystem({ root });
  await files.replace("a", bytes("1"), never);
  await expect(files.replace("a/b", bytes("2"), never)).rejects.toThrow(`replacing file "a/b"`);
  await expect(files.putIfAbsent("a/b", bytes("2"), never)).rejects.toThrow(FileSystemError);
  await expect(files.write("a/b", never)).rejects.toThrow(FileSystemError);
});
