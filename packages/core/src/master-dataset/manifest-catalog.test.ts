import { describe, expect, it } from "vitest";
import { memoryFileSystem } from "../memory/memory-file-system.js";
import type { FileSystem } from "../ports/file-system.js";
import { claimGridRecord } from "./grid-record.js";
import { ManifestCatalog } from "./manifest-catalog.js";
import { encodeManifest, parseManifest } from "./manifest-json.js";
import { gridRecordPath, manifestPath } from "./manifest-path.js";
import type { Manifest } from "./manifest.js";

const signal = new AbortController().signal;
const at = { topic: "plays", logVersion: 1_024, partition: 0 };

const manifest = (first: number, until: number, previous: number, partition = 0): Manifest => ({
  format: 1, ...at, partition, first, until, previous, sealedBy: "grid", receivedAt: 0, maxAppendedAt: 0, records: 1, events: 1, deadLetters: 0, late: 0,
  files: [], deadLetterFile: null, coordinates: [], streamFingerprint: "0123456789abcdef",
});
const commit = (files: FileSystem, each: Manifest) => files.putIfAbsent(manifestPath(each, each.first), encodeManifest(each), signal);

async function opened(origin = 5): Promise<FileSystem> {
  const files = memoryFileSystem();
  for (const partition of [0, 1]) await claimGridRecord(files, { ...at, partition, grid: { segmentOffsets: 10, segmentMs: 1_000 }, origin }, signal);
  return files;
}

describe("ManifestCatalog", () => {
  it("reads each manifest once, and gives the new ones", async () => {
    const inner = await opened();
    const reads: string[] = [];
    const files: FileSystem = { ...inner, read: (path, s) => (reads.push(path), inner.read(path, s)) };
    const catalog = new ManifestCatalog(files, "plays");
    expect(await catalog.refresh(signal)).toEqual([]);
    await commit(inner, manifest(7, 20, 5));
    await commit(inner, manifest(25, 40, 20));
    await commit(inner, manifest(5, 6, 5, 1));
    expect((await catalog.refresh(signal)).map(({ partition, first }) => [partition, first])).toEqual([[0, 7], [0, 25], [1, 5]]);
    await commit(inner, manifest(40, 41, 40));
    reads.length = 0;
    expect((await catalog.refresh(signal)).map(({ first }) => first)).toEqual([40]);
    expect(reads).toEqual([manifestPath(at, 40)]);
    expect(catalog.ends(0, 1_024)).toEqual([20, 40, 41]);
    expect(catalog.manifests(1, 1_024).map(({ until }) => until)).toEqual([6]);
    expect(catalog.manifests(2, 1_024)).toEqual([]);
    expect(catalog.partitions()).toEqual([at, { ...at, partition: 1 }]);
  });

  it("refuses a hole, with its offsets, and takes nothing in", async () => {
    const files = await opened();
    const catalog = new ManifestCatalog(files, "plays");
    await commit(files, manifest(25, 40, 20));
    await expect(catalog.refresh(signal)).rejects.toMatchObject({ code: "MISSING_MANIFEST", from: 5, until: 20 });
    expect(catalog.partitions()).toEqual([]);
    await commit(files, manifest(7, 20, 5));
    expect(await catalog.refresh(signal)).toHaveLength(2);
    await commit(files, manifest(60, 70, 50));
    await expect(catalog.refresh(signal)).rejects.toMatchObject({ code: "MISSING_MANIFEST", from: 40, until: 50 });
    expect(catalog.ends(0, 1_024)).toEqual([20, 40]);
  });

  it("looks again before it calls a hole what a listing under way has missed", async () => {
    const inner = await opened();
    await commit(inner, manifest(7, 20, 5));
    await commit(inner, manifest(25, 40, 20));
    let listings = 0;
    const files: FileSystem = { ...inner, list: async (folder, s) => (await inner.list(folder, s)).filter(({ path }) => listings++ > 1 || !path.endsWith("7.json")) };
    expect(await new ManifestCatalog(files, "plays").refresh(signal)).toHaveLength(2);
  });

  it("refuses manifests that are torn, and those of a partition whose record is lost", async () => {
    const files = await opened();
    await commit(files, manifest(7, 20, 5));
    await files.remove(gridRecordPath("plays", 0), signal);
    await expect(new ManifestCatalog(files, "plays").refresh(signal)).rejects.toMatchObject({ code: "MISSING_MANIFEST" });
    const whole = encodeManifest(manifest(7, 20, 5));
    expect(parseManifest("m", whole)).toEqual(manifest(7, 20, 5));
    for (const torn of [whole.slice(0, -9), new Uint8Array(), new TextEncoder().encode("{}"), new TextEncoder().encode('{"format":2}')]) {
      expect(() => parseManifest("m", torn)).toThrow('reading "m"');
    }
  });
});
