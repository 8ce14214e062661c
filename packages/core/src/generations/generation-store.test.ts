import { describe, expect, it } from "vitest";
import { memoryFileSystem } from "../memory/memory-file-system.js";
import type { FileSystem } from "../ports/file-system.js";
import { CURRENT_PATH, generationPath } from "./generation-path.js";
import { listGenerationNumbers, listGenerations, readCurrent, readGeneration } from "./generation-store.js";
import type { Generation } from "./generation.js";

const signal = new AbortController().signal;
const text = (content: string) => new TextEncoder().encode(content);

const generation = (number: number): Generation => ({
  format: 1, number, parent: number > 1 ? number - 1 : null, kind: "incremental", contentOf: null, startedAt: 0, publishedAt: 0, cut: {}, cutAt: null, tables: [], drift: [], checks: [],
});

async function published(...numbers: readonly number[]): Promise<FileSystem> {
  const files = memoryFileSystem();
  for (const number of numbers) await files.putIfAbsent(generationPath(number), text(JSON.stringify(generation(number))), signal);
  return files;
}

describe("readCurrent", () => {
  it("is null before the first publication, also when its run died before the switch", async () => {
    expect(await readCurrent(memoryFileSystem(), signal)).toBeNull();
    expect(await readCurrent(await published(1), signal)).toBeNull();
  });

  it("gives what the pointer names, whatever else is claimed", async () => {
    const files = await published(1, 2, 3);
    await files.replace(CURRENT_PATH, text("2\n"), signal);
    expect(await readCurrent(files, signal)).toEqual(generation(2));
    expect(await listGenerationNumbers(files, signal)).toEqual([1, 2, 3]);
    expect(await listGenerations(files, signal)).toEqual([1, 2, 3].map(generation));
  });

  it("never takes a lost or torn file for no generation", async () => {
    const lost = await published(1, 2);
    await expect(readCurrent(lost, signal)).rejects.toMatchObject({ code: "UNREADABLE_FILE", path: CURRENT_PATH });
    for (const pointer of ["", "2", "2\n3\n", "x\n"]) {
      await lost.replace(CURRENT_PATH, text(pointer), signal);
      await expect(readCurrent(lost, signal)).rejects.toMatchObject({ code: "UNREADABLE_FILE", path: CURRENT_PATH });
    }
    await lost.replace(CURRENT_PATH, text("7\n"), signal);
    await expect(readCurrent(lost, signal)).rejects.toMatchObject({ code: "UNREADABLE_FILE", path: generationPath(7) });
    for (const content of ["", "{", "null", '{"format":2}', JSON.stringify(generation(1))]) {
      await lost.replace(generationPath(2), text(content), signal);
      await expect(readGeneration(lost, 2, signal)).rejects.toMatchObject({ code: "UNREADABLE_FILE" });
    }
  });
});
