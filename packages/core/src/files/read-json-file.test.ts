import { expect, it } from "vitest";
import { UnreadableFileError } from "../errors/unreadable-file-error.js";
import { memoryFileSystem } from "../memory/memory-file-system.js";
import { readJsonFile } from "./read-json-file.js";

const { signal } = new AbortController();

it("tells a missing file from a torn one, and from one that holds null", async () => {
  const files = memoryFileSystem();
  const write = (path: string, text: string) => files.replace(path, new TextEncoder().encode(text), signal);
  expect(await readJsonFile(files, "a.json", signal)).toBeUndefined();
  await write("a.json", '{"format":1}\n');
  expect(await readJsonFile(files, "a.json", signal)).toEqual({ format: 1 });
  await write("a.json", "null\n");
  expect(await readJsonFile(files, "a.json", signal)).toBeNull();
  await write("a.json", '{"format":');
  await expect(readJsonFile(files, "a.json", signal)).rejects.toThrow(UnreadableFileError);
});
