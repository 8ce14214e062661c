import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { MillraceError, type FileSystem } from "@millrace/core";
import { duckdbEngine } from "@millrace/batch-layer/duckdb";
import { hdfsFileSystem } from "@millrace/batch-layer/hdfs";
import { localFileSystem } from "@millrace/batch-layer/local";
import { memoryFileSystem } from "@millrace/core/memory";
import { tryEngineFiles } from "./try-engine-files.js";
import { tryFiles } from "./try-files.js";

const { signal } = new AbortController();

it("uses files for real and leaves none", async () => {
  const files = memoryFileSystem();
  await files.replace("kept", new Uint8Array(1), signal);
  expect(await tryFiles({ files }, signal)).toBe("memory writes, publishes, refuses to overwrite, replaces, reads back, lists, removes");
  expect((await files.list("", signal)).map(({ path }) => path)).toEqual(["kept"]);
});

const cut: FileSystem["read"] = async () => new Uint8Array(1);

it.each<readonly [string, (files: FileSystem) => Partial<FileSystem>, string, RegExp]>([
  [
    "overwrites",
    (files) => ({
      async putIfAbsent(...given) {
        await files.replace(...given);
        return true;
      },
    }),
    "create-without-overwrite does not hold",
    /two processes could publish the same generation/,
  ],
  ["reads half", () => ({ read: cut }), "a file did not read back as it was created", /files would be lost/],
  ["does not replace", () => ({ replace: async () => {} }), "a file did not read back as it was replaced", /files would be lost/],
  ["lists nothing", () => ({ list: async () => [] }), "a file is listed before it is whole", /files would be lost/],
  ["does not remove", () => ({ remove: async () => {} }), 'is still there after it was removed', /the right to remove files/],
])("says what is wrong with files of which it %s", async (_, broken, found, advice) => {
  const files = memoryFileSystem();
  const error = await tryFiles({ files: { ...files, ...broken(files) } }, signal).then(
    () => undefined,
    (each: unknown) => each as MillraceError,
  );
  expect(error).toBeInstanceOf(MillraceError);
  expect(error!.message).toContain(found);
  expect(error!.advice).toMatch(advice);
});

it("sees that engine and files are in one place, or are not", async () => {
  const [here, there] = ["here", "there"].map((name) => mkdtempSync(path.join(tmpdir(), `millrace-doctor-${name}-`))) as [string, string];
  onTestFinished(() => [here, there].forEach((root) => rmSync(root, { recursive: true })));
  const files = localFileSystem({ root: here });
  const engine = duckdbEngine({ files });
  expect(await tryEngineFiles({ engine, files }, signal)).toBe("duckdb writes and reads tables in local");
  expect(await files.list("", signal)).toEqual([]);
  await expect(tryEngineFiles({ engine, files: localFileSystem({ root: there }) }, signal)).rejects.toMatchObject({
    message: "duckdb wrote 1 files, of which local has 0",
    advice: expect.stringContaining("must see the same files under the same names") as string,
  });
  await engine.close();
});

it("says that an embedded engine does not read HDFS", async () => {
  const files = hdfsFileSystem({ nameNodes: ["127.0.0.1:1"], root: "/shop", fileSystemUri: "hdfs://shop", patienceMs: 0 });
  const engine = duckdbEngine({ files });
  const error = await tryEngineFiles({ engine, files }, signal).then(
    () => undefined,
    (each: unknown) => each as MillraceError,
  );
  expect([error!.message, error!.advice]).toEqual([
    'running SQL on "duckdb": it reads files of this machine, and those of "hdfs" are elsewhere ("hdfs://shop/shop/probe")',
    "take an engine that reads that file system, hiveEngine on Spark for HDFS, or localFileSystem for the files",
  ]);
  await engine.close();
  await files.close();
});
