import { rmSync } from "node:fs";
import fc from "fast-check";
import { afterAll, expect, it } from "vitest";
import {
  boolean,
  count,
  countDistinct,
  decimal,
  defineStream,
  defineView,
  int64,
  ManifestCatalog,
  parseManifest,
  planStreams,
  recordErasure,
  text,
  timestamp,
  type FileSystem,
  type Manifest,
  type StreamPlan,
} from "@millrace/core";
import { memoryLog, simulatedClock, type MemoryLog } from "@millrace/core/memory";
import { faultPlan, faulty } from "@millrace/core/testing";
import { duckdbEngine } from "../duckdb/duckdb-engine.js";
import { createIngest } from "../ingest/create-ingest.js";
import { localFileSystem } from "../local/local-file-system.js";
import { temporaryRoot } from "../testing/temporary-root.js";
import { readAgain } from "./read-again.js";
import { TopicDataset } from "./topic-dataset.js";

const signal = new AbortController().signal;
const START = Date.UTC(2024, 0, 31, 23, 50);
const grid = { segmentOffsets: 20, segmentMs: 60_000 };

const columns = { ts: timestamp("ms"), user: int64("bigint").optional(), song: text().optional(), price: decimal(2), paid: boolean().optional() };
const plays = defineStream({ topic: "plays", columns, eventTime: "ts", maxPastMs: null });
/** Takes some dead letters for events, some events for dead letters, and puts late events on other dates. */
const changed = defineStream({
  topic: "plays",
  columns: { ts: timestamp("ms").fromAppendedAt(), song: text(), price: decimal(2, "string").optional(), noted: text().at("note").optional() },
  eventTime: "ts",
});
const planOf = (stream: typeof plays | typeof changed): StreamPlan => {
  const view = defineView({ name: "songs", from: stream as typeof plays, by: ["song"], every: "minute", measures: (c) => ({ n: count(), songs: countDistinct(c.song) }) });
  return planStreams([view.definition])[0]!;
};

const roots: string[] = [];
const newFiles = (): FileSystem => {
  const root = temporaryRoot("read-again");
  roots.push(root);
  return localFileSystem({ root });
};
// It only reads, whichever root the files have.
const engine = duckdbEngine({ files: newFiles() });
afterAll(async () => {
  await engine.close();
  roots.forEach((root) => rmSync(root, { recursive: true }));
});

const record = fc.record({
  gap: fc.constantFrom<number[]>(0, 0, 0, 1, 7),
  moves: fc.constantFrom<number[]>(0, 10, 5_000, 61_000, -3_000),
  late: fc.constantFrom<number[]>(0, 0, 900_000, 3 * 86_400_000),
  partition: fc.constantFrom(0, 0, 1),
  kind: fc.constantFrom("event", "event", "no song", "no price", "broken", "no text"),
  erased: fc.constantFrom(false, false, true),
});
type Step = typeof record extends fc.Arbitrary<infer T> ? T : never;

function logOf(history: readonly Step[]): { readonly log: MemoryLog; readonly now: number; readonly erased: readonly { readonly partition: number; readonly offset: number }[] } {
  const log = memoryLog({ clock: simulatedClock(START), topics: { plays: 2 } });
  const ends = [0, 0];
  const erased: { partition: number; offset: number }[] = [];
  let now = START;
  let latest = START;
  history.forEach(({ gap, moves, late, partition, kind, erased: isErased }, i) => {
    now += moves;
    latest = Math.max(latest, now);
    const offset = ends[partition]! + gap;
    ends[partition] = offset + 1;
    if (isErased) erased.push({ partition, offset });
    const value = JSON.stringify({ ts: now - late, user: i, ...(kind === "no song" ? {} : { song: `Søng ${i % 5}` }), ...(kind === "no price" ? {} : { price: (i - 20) / 4 }), note: `n${i % 3}` });
    log.place("plays", partition, [{ offset, appendedAt: now, value: kind === "no text" ? Uint8Array.of(0xff, i) : kind === "broken" ? value.slice(0, -1) : value, ...(i % 2 === 0 ? { key: `k${i}` } : {}) }]);
  });
  return { log, now: latest, erased };
}

const ingest = (log: MemoryLog, files: FileSystem, now: number, stream: typeof plays | typeof changed, keepRaw = true) =>
  createIngest({ log, files, clock: simulatedClock(now + 3_600_000), plans: [planOf(stream)], grid, sealGuardMs: 1_000, keepRaw }).drain(signal);

async function erase(files: FileSystem, erased: ReturnType<typeof logOf>["erased"]): Promise<void> {
  for (const own of [0, 1].map((partition) => erased.filter((each) => each.partition === partition))) {
    if (own.length > 0) await recordErasure(files, { topic: "plays", at: START, columns: ["user"], records: [{ logVersion: 1_024, partition: own[0]!.partition, offsets: own.map(({ offset }) => offset) }] }, signal);
  }
}

async function readAll(files: FileSystem, stream: typeof plays | typeof changed, acceptDeadLetters = true): Promise<readonly Manifest[]> {
  const plan = planOf(stream);
  const dataset = new TopicDataset(files, plan);
  await dataset.refresh(signal);
  const cut = { plays: dataset.newest() };
  for (const segment of dataset.unread(cut)) {
    const { path, manifest } = await readAgain({ files, engine, plan, segment, acceptDeadLetters }, signal);
    dataset.add(path, manifest);
  }
  expect(dataset.unread(cut)).toEqual([]);
  return dataset.below(cut);
}

const committed = async (files: FileSystem): Promise<readonly Manifest[]> => new ManifestCatalog(files, "plays").refresh(signal);
/** Without keys: events' are not kept, so what becomes a dead letter later has none. */
const lettersOf = async (files: FileSystem, { deadLetterFile }: Manifest): Promise<readonly unknown[]> => {
  if (deadLetterFile === null) return [];
  const lines = new TextDecoder().decode(await files.read(deadLetterFile.path, signal)).trimEnd().split("\n");
  return lines.map((line) => ({ ...(JSON.parse(line) as object), key: undefined }));
};

it("gives what ingest would have written: by another declaration, without erased records, and both, byte for byte", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 120 }), fc.boolean(), fc.boolean(), async (history, other, erases) => {
      const { log, now, erased } = logOf(history);
      const wanted = other ? changed : plays;
      const files = newFiles();
      await ingest(log, files, now, plays);
      if (erases) await erase(files, erased);
      const found = await readAll(files, wanted);

      const anew = newFiles();
      if (erases) await erase(anew, erased);
      await ingest(log, anew, now, wanted);
      const expected = await committed(anew);
      const comparable = (manifests: readonly Manifest[]) => manifests.map((manifest) => ({ ...manifest, deadLetterFile: manifest.deadLetterFile?.path.replace(/-[0-9a-f]+\.ndjson/, "") ?? null, files: manifest.files.map(({ path, ...file }) => ({ ...file, path: path.replace(/-[0-9a-f]+\.parquet/, "") })) }));
      expect(comparable(found)).toEqual(comparable(expected));
      for (const [i, manifest] of found.entries()) expect(await lettersOf(files, manifest)).toEqual(await lettersOf(anew, expected[i]!));
      // Every record is an event, a dead letter, or erased.
      for (const { records, events, deadLetters, erased: gone = [] } of found) expect(events + deadLetters + gone.length).toBe(records);
    }),
    { numRuns: 25 },
  );
}, 60_000);

it("changes nothing when it dies at any call and is done again, or is done twice at once", async () => {
  const { log, now, erased } = logOf(Array.from({ length: 14 }, (_, i): Step => ({ gap: 0, moves: 9_000, late: i === 9 ? 86_400_000 : 0, partition: 0, kind: i % 5 === 2 ? "no price" : "event", erased: i % 4 === 0 })));
  const prepare = async () => {
    const files = newFiles();
    await ingest(log, files, now, plays);
    await erase(files, erased);
    return files;
  };
  const contentOf = async (files: FileSystem) => {
    const content: Record<string, string> = {};
    for (const { path } of await files.list("master", signal)) content[path] = Buffer.from(await files.read(path, signal)).toString("base64");
    return content;
  };
  const whole = await prepare();
  await readAll(whole, changed);
  const expected = await contentOf(whole);
  for (let n = 0; ; n++) {
    const files = await prepare();
    const plan = faultPlan([{ n, fault: n % 2 === 0 ? "crashes-before" : "crashes-after" }]);
    await readAll(faulty("files", files, plan), changed).catch(() => undefined);
    await Promise.all([readAll(files, changed), readAll(files, changed)]);
    expect(await contentOf(files)).toEqual(expected);
    if (plan.injected.length === 0) break;
    expect(n).toBeLessThan(100);
  }
}, 60_000);

it("refuses to lose events, and what the files do not hold, and leaves nothing behind", async () => {
  const history = Array.from({ length: 4 }, (_, i): Step => ({ gap: 0, moves: 1_000, late: 0, partition: 0, kind: i === 2 ? "no song" : "event", erased: i === 1 }));
  const { log, now, erased } = logOf(history);
  const files = newFiles();
  await ingest(log, files, now, plays);
  const before = (await files.list("", signal)).map(({ path }) => path);
  await expect(readAll(files, changed, false)).rejects.toMatchObject({ code: "STREAM_CHANGED", message: expect.stringMatching(/the record at 2 of partition 0 was an event and is none now/) as string });
  const keyed = defineStream({ topic: "plays", columns: { ...columns, id: text().fromKey().optional() }, eventTime: "ts" });
  await expect(readAll(files, keyed as unknown as typeof plays)).rejects.toMatchObject({ code: "STREAM_CHANGED", message: expect.stringMatching(/"id" lies in the record's key/) as string });
  expect((await files.list("", signal)).map(({ path }) => path)).toEqual(before);

  const bare = newFiles();
  await ingest(log, bare, now, plays, false);
  await expect(readAll(bare, changed)).rejects.toMatchObject({ code: "STREAM_CHANGED", message: expect.stringMatching(/do not keep the records' original bytes/) as string });
  // Erasing needs no original bytes.
  await erase(bare, erased);
  const [manifest] = await readAll(bare, plays);
  expect(manifest).toMatchObject({ records: 4, events: 3, deadLetters: 0, erased: [1], raw: false });
});

it("reads from what is left when the files with erased records are gone, of whichever declaration", async () => {
  const { log, now, erased } = logOf(Array.from({ length: 12 }, (_, i): Step => ({ gap: 0, moves: 1_000, late: 0, partition: 0, kind: i % 5 === 1 ? "no price" : "event", erased: i % 4 === 0 })));
  const files = newFiles();
  await ingest(log, files, now, plays);
  await erase(files, erased);
  const [other] = await readAll(files, changed);
  const [base] = await committed(files);
  for (const { path } of [...base!.files, base!.deadLetterFile!]) await files.remove(path, signal);
  const [again] = await readAll(files, plays);
  expect(again).toMatchObject({ records: 12, erased: [0, 4, 8], events: 6, deadLetters: 3 });
  expect([other!.events, other!.deadLetters]).toEqual([9, 0]);
  const paths = (await files.list("master/plays/_readings", signal)).map(({ path }) => path);
  expect(paths).toHaveLength(2);
  for (const path of paths) expect(parseManifest(path, await files.read(path, signal)).first).toBe(0);
});
