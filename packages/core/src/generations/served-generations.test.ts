import { expect, it } from "vitest";
import { memoryFileSystem } from "../memory/memory-file-system.js";
import { CURRENT_PATH, generationPath } from "./generation-path.js";
import { generationLine } from "./generation-line.js";
import type { Generation } from "./generation.js";
import { describeProgress, readRunProgress, writeRunProgress } from "./run-progress.js";
import { ServedGenerations } from "./served-generations.js";

const { signal } = new AbortController();

/** Generations `1`, `2` and so on, each with the tables of one view and these fingerprints; the last one is current. */
async function publish(...made: readonly (Partial<Generation> & { readonly views: Readonly<Record<string, string>> })[]) {
  const files = memoryFileSystem();
  for (const [i, { views, ...more }] of made.entries()) {
    const generation: Generation = {
      format: 1, number: i + 1, parent: i === 0 ? null : i, kind: "incremental", contentOf: null, startedAt: 0, publishedAt: 0, cut: {}, cutAt: null, drift: [], checks: [],
      tables: Object.entries(views).map(([name, fingerprint]) => ({ name, kind: "view", partitioned: "date", fingerprint, versions: {} })),
      ...more,
    };
    await files.replace(generationPath(i + 1), new TextEncoder().encode(JSON.stringify(generation)), signal);
  }
  await files.replace(CURRENT_PATH, new TextEncoder().encode(`${made.length}\n`), signal);
  return files;
}

const view = (fingerprint: string) => ({ name: "plays", fingerprint, from: { topic: "listens" } }) as Parameters<ServedGenerations["of"]>[0];

async function servedOf(generations: ServedGenerations, fingerprint: string): Promise<number | undefined> {
  return (await generations.of(view(fingerprint), (await generations.current(signal))!, signal))?.number;
}

it("serves a view from the current generation, or from the newest before it that has it as it is declared", async () => {
  const files = await publish({ views: { plays: "old" } }, { views: { plays: "old" } }, { views: { plays: "new" } }, { views: { plays: "new", others: "x" } });
  const generations = new ServedGenerations(files);
  expect(await Promise.all(["old", "new", "newer"].map((fingerprint) => servedOf(generations, fingerprint)))).toEqual([2, 4, undefined]);
  // Pruned, it serves nobody any more, also not those who knew it.
  await files.remove(generationPath(2), signal);
  expect(await servedOf(new ServedGenerations(files), "old")).toBeUndefined();
  await files.replace(generationPath(5), new TextEncoder().encode(JSON.stringify({ ...(await generations.current(signal))!, number: 5, parent: 4 })), signal);
  await files.replace(CURRENT_PATH, new TextEncoder().encode("5\n"), signal);
  expect(await Promise.all(["old", "new"].map((fingerprint) => servedOf(generations, fingerprint)))).toEqual([undefined, 5]);
});

it("does not go back to what was rolled back", async () => {
  const files = await publish({ views: { plays: "a" } }, { views: { plays: "b" } }, { views: { plays: "c" } }, { views: { plays: "a" }, kind: "rollback", contentOf: 1 }, { views: { plays: "d" } });
  const generations = new ServedGenerations(files);
  expect(await Promise.all(["a", "b", "c", "d"].map((fingerprint) => servedOf(generations, fingerprint)))).toEqual([4, undefined, undefined, 5]);
  const line: number[] = [];
  for await (const { number } of generationLine(files, (await generations.current(signal))!, signal)) line.push(number);
  expect(line).toEqual([5, 4, 1]);
});

it("does not serve a generation that still has what was erased from the topic", async () => {
  const files = await publish({ views: { plays: "a" } }, { views: { plays: "b" }, erasures: { others: 3 } }, { views: { plays: "c" }, erasures: { listens: 1, others: 3 } }, { views: { plays: "d" }, erasures: { listens: 1, others: 4 } });
  const generations = new ServedGenerations(files);
  expect(await Promise.all(["a", "b", "c", "d"].map((fingerprint) => servedOf(generations, fingerprint)))).toEqual([undefined, undefined, 3, 4]);
});

it("tells how far the newest run is that builds a table", async () => {
  const files = memoryFileSystem();
  const table = (name: string, done: number, total: number) => ({ name, kind: "view" as const, fingerprint: name, done, total });
  const progress = { format: 1 as const, startedAt: 0, segments: { done: 2, total: 3 } };
  await writeRunProgress(files, { ...progress, run: "4-0", number: 4, at: 60_000, tables: [table("plays", 0, 9)] }, signal);
  await writeRunProgress(files, { ...progress, run: "5-0", number: 5, at: 90_000, tables: [table("plays", 1, 4), table("songs", 2, 3)] }, signal);
  await files.putIfAbsent("runs/5-0.json", new TextEncoder().encode("{}"), signal);
  const runs = await readRunProgress(files, signal);
  expect(describeProgress(runs, { name: "songs", kind: "view", fingerprint: "songs" })).toBe(
    'generation 5 is being built with it: 2 of 3 dates of "songs" are done, 3 of 7 in all, after 2 of 3 segments have been read again; begun 1970-01-01T00:00:00.000Z, last sign 1970-01-01T00:01:30.000Z',
  );
  expect(describeProgress(runs, { name: "plays", kind: "view", fingerprint: "another" })).toBeUndefined();
  await files.replace("runs/6-0/progress.json", new TextEncoder().encode("{}"), signal);
  await expect(readRunProgress(files, signal)).rejects.toMatchObject({ code: "UNREADABLE_FILE" });
});
