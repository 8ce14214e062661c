import { CURRENT_PATH, generationPath, readCurrent, simulatedClock, tableVersionFolder, type FileSystem, type Generation } from "@millrace/core";
import { memoryFileSystem } from "@millrace/core/memory";
import { describe, expect, it } from "vitest";
import { prune } from "./prune.js";
import { completeSwitch, publish } from "./publish.js";
import { rollback } from "./rollback.js";
import { startRunRecord } from "./run-record.js";

const { signal } = new AbortController();
const encode = (text: string) => new TextEncoder().encode(text);
const clock = simulatedClock(Date.UTC(2026, 4, 20));
const DAY_MS = 86_400_000;

const generation = (number: number, version: string): Generation => {
  const file = `${tableVersionFolder("songs", version, "2026-05-20")}/part-0.parquet`;
  return {
    format: 1, number, parent: number > 1 ? number - 1 : null, kind: "incremental", contentOf: null, startedAt: 0, publishedAt: 0, cut: {}, cutAt: null,
    tables: [{ name: "songs", kind: "view", partitioned: "date", fingerprint: "f", versions: { "2026-05-20": { version, rows: 1, files: [file], bytes: 1 } } }],
    drift: [], checks: [],
  };
};

const fileOf = ({ tables }: Generation) => tables[0]!.versions["2026-05-20"]!.files[0]!;

/** What a run does: its record, its table, its generation. */
async function run(files: FileSystem): Promise<void> {
  const number = ((await completeSwitch({ files }, signal))?.number ?? 0) + 1;
  const { id } = await startRunRecord(files, number, clock.now(), signal);
  const made = generation(number, id);
  await files.replace(fileOf(made), encode("rows"), signal);
  await publish({ files }, made, signal);
}

async function published(runs: number): Promise<FileSystem> {
  const files = memoryFileSystem();
  for (let i = 0; i < runs; i++) await run(files);
  return files;
}

/** `files`, where `event` happens before the `at`-th call. */
function interrupted(files: FileSystem, at: number, event: () => Promise<unknown>): FileSystem & { readonly calls: () => number } {
  let calls = 0;
  const before = async () => {
    if (calls++ === at) await event();
  };
  return {
    ...files,
    calls: () => calls,
    list: async (...parameters) => (await before(), files.list(...parameters)),
    read: async (...parameters) => (await before(), files.read(...parameters)),
    remove: async (...parameters) => (await before(), files.remove(...parameters)),
    replace: async (...parameters) => (await before(), files.replace(...parameters)),
    putIfAbsent: async (...parameters) => (await before(), files.putIfAbsent(...parameters)),
  };
}

/** Every table that the current generation names is there. */
async function expectReadable(files: FileSystem, when: string): Promise<void> {
  const current = await readCurrent(files, signal);
  const left = (await files.list("tables", signal)).map(({ path }) => path);
  expect(left, when).toContain(fileOf(current!));
}

/** Interrupts `work` before each of its calls in turn. */
async function atEveryCall(runs: number, work: (files: FileSystem) => Promise<unknown>, event: (files: FileSystem) => Promise<unknown>): Promise<void> {
  for (let at = 0; ; at++) {
    const files = await published(runs);
    const watched = interrupted(files, at, () => event(files));
    await work(watched);
    await expectReadable(files, `before call ${at}`);
    if (watched.calls() <= at) return;
  }
}

describe("pruning leaves what others need", () => {
  const pruning = (files: FileSystem) => prune({ files }, clock, { keep: 1, graceMs: 0 }, signal);
  // A generation that pruning took first cannot be gone back to; and while it reads, one may vanish.
  const orRefused = (work: Promise<unknown>) => work.catch((error: unknown) => expect(error).toMatchObject({ code: "UNREADABLE_FILE" }));
  const goingBack = (files: FileSystem) => orRefused(rollback({ publication: { files }, clock, store: undefined, views: [], number: 1 }, signal));

  it("when a run publishes meanwhile", () => atEveryCall(2, pruning, run));
  it("when it comes while a run works", () => atEveryCall(2, run, pruning));
  it("when a rollback comes meanwhile", () => atEveryCall(3, (files) => orRefused(pruning(files)), goingBack));
  it("when it comes while a rollback is under way", () => atEveryCall(3, goingBack, pruning));

  it("when a dead run's switch is completed only now, and queries still read what it replaces", async () => {
    const files = await published(1);
    const made = generation(2, "2-0");
    await files.putIfAbsent(generationPath(2), encode(JSON.stringify(made)), signal);
    expect(await pruning(files)).toMatchObject({ generations: [] });
    expect(new TextDecoder().decode(await files.read(CURRENT_PATH, signal))).toBe("2\n");
    expect(await pruning(files)).toMatchObject({ generations: [1] });
  });
});

it("never gives the name of a version twice, even to a run that planned long ago", async () => {
  const files = await published(2);
  await prune({ files }, clock, { keep: 1, graceMs: 0 }, signal);
  expect((await startRunRecord(files, 2, clock.now(), signal)).id).toBe("2-1");
  await prune({ files }, simulatedClock(clock.now() + 2 * DAY_MS), { keep: 1, graceMs: 0 }, signal);
  expect((await files.list("runs", signal)).map(({ path }) => path)).toEqual([]);
});
