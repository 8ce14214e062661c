import { rmSync } from "node:fs";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import {
  count,
  countDistinct,
  decimal,
  defineStream,
  defineView,
  int64,
  ManifestCatalog,
  planStreams,
  readQuietRecord,
  text,
  timestamp,
  boolean,
  float64,
  type FileSystem,
  type Grid,
  type Manifest,
  type SqlValue,
  type TelemetryEvent,
} from "@millrace/core";
import { memoryFileSystem, memoryLog, simulatedClock, type MemoryLog } from "@millrace/core/memory";
import { faultPlan, faulty } from "@millrace/core/testing";
import { wasmMemory } from "parquet-wasm";
import { duckdbEngine } from "../duckdb/duckdb-engine.js";
import { localFileSystem } from "../local/local-file-system.js";
import { temporaryRoot } from "../testing/temporary-root.js";
import { createIngest, type IngestOptions } from "./create-ingest.js";

const plays = defineStream({
  topic: "plays",
  columns: {
    ts: timestamp("ms"),
    user: int64("bigint").optional(),
    song: text().optional(),
    price: decimal(2),
    exact: decimal(2, "string"),
    level: float64().optional(),
    paid: boolean().optional(),
  },
  eventTime: "ts",
  maxPastMs: null,
});
const listeners = defineView({ name: "listeners", from: plays, by: ["song"], every: "minute", measures: (c) => ({ n: count(), users: countDistinct(c.user) }) });
const plans = planStreams([listeners.definition]);
const grid: Grid = { segmentOffsets: 20, segmentMs: 60_000 };
const signal = new AbortController().signal;
const START = Date.UTC(2024, 0, 31, 23, 50);

const roots: string[] = [];
const newRoot = () => {
  const root = temporaryRoot("ingest");
  roots.push(root);
  return root;
};
afterAll(() => roots.forEach((root) => rmSync(root, { recursive: true })));

interface Step {
  readonly gap: number;
  /** How far the broker's clock moves, ms; it may step back. */
  readonly moves: number;
  readonly late: number;
  readonly partition: number;
  readonly kind: "event" | "event" | "broken" | "null song";
}
const steps = fc.array(
  fc.record({
    gap: fc.constantFrom(0, 0, 0, 0, 1, 7, 25),
    moves: fc.constantFrom(0, 10, 500, 5_000, 61_000, -3_000, 3_600_000),
    late: fc.constantFrom(0, 0, 1_000, 900_000, 3 * 86_400_000),
    partition: fc.constantFrom(0, 0, 1),
    kind: fc.constantFrom("event", "event", "broken", "null song"),
  }),
  { maxLength: 150 },
);

/** Appends a random history; the clock ends after its last record. */
function logOf(history: readonly Step[]): { log: MemoryLog; now: number; values: ReadonlyMap<string, string> } {
  const log = memoryLog({ clock: simulatedClock(START), topics: { plays: 2 } });
  const values = new Map<string, string>();
  let now = START;
  let latest = START;
  const ends = [0, 0];
  history.forEach(({ gap, moves, late, partition, kind }, i) => {
    now += moves;
    latest = Math.max(latest, now);
    const offset = ends[partition]! + gap;
    ends[partition] = offset + 1;
    const value =
      kind === "broken"
        ? `{"ts": ${i}`
        : JSON.stringify({
            ts: now - late,
            user: i % 3 === 0 ? null : 9_007_199_254_740_993 + i,
            song: kind === "null song" ? null : `Søng ${i % 5}`,
            price: (i - 20) / 4,
            level: i % 4 === 0 ? null : i / 3,
            paid: i % 5 === 0 ? null : i % 2 === 0,
          }).replace("}", `,"exact":${i % 2 === 0 ? "92233720368547758.07" : `-${i}.25`}}`);
    values.set(`${partition}/${offset}`, value);
    log.place("plays", partition, [{ offset, appendedAt: now, value }]);
  });
  return { log, now: latest, values };
}

const ingestOf = (log: MemoryLog, files: FileSystem, now: number, more: Partial<IngestOptions> = {}) =>
  createIngest({ log, files, clock: simulatedClock(now), plans, grid, sealGuardMs: 1_000, ...more });

const contentOf = async (files: FileSystem): Promise<ReadonlyMap<string, string>> => {
  const content = new Map<string, string>();
  for (const { path: file } of await files.list("", signal)) {
    if (!file.includes("/_quiet/")) content.set(file, createHash("sha256").update(await files.read(file, signal)).digest("hex"));
  }
  return content;
};

async function manifestsOf(files: FileSystem): Promise<readonly Manifest[]> {
  const catalog = new ManifestCatalog(files, "plays");
  return catalog.refresh(signal);
}

describe("createIngest", () => {
  it("keeps every record of a log exactly once: as a row of its date's file, or as a dead letter", async () => {
    const files = localFileSystem({ root: newRoot() });
    const engine = duckdbEngine({ files });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(steps, async (history) => {
        const base = `run${run++}`;
        const { log, now, values } = logOf(history);
        // Each history in a folder of its own.
        const mine: FileSystem = {
          ...files,
          write: (file, s) => files.write(`${base}/${file}`, s),
          putIfAbsent: (file, content, s) => files.putIfAbsent(`${base}/${file}`, content, s),
          replace: (file, content, s) => files.replace(`${base}/${file}`, content, s),
          read: (file, s) => files.read(`${base}/${file}`, s),
          list: async (folder, s) => (await files.list(folder === "" ? base : `${base}/${folder}`, s)).map((info) => ({ ...info, path: info.path.slice(base.length + 1) })),
          uri: (file) => files.uri(`${base}/${file}`),
        };
        await ingestOf(log, mine, now + 3_600_000).drain(signal);

        const manifests = await manifestsOf(mine);
        const found = new Map<string, string>();
        for (const manifest of manifests) {
          for (const file of manifest.files) {
            const bytes = await mine.read(file.path, signal);
            expect(createHash("sha256").update(bytes).digest("hex")).toBe(file.sha256);
            const { blocks } = await engine.query(
              `SELECT _partition, _offset, decode(_raw), epoch_ms(ts), CAST(user AS VARCHAR), song, CAST(price AS VARCHAR), CAST(exact AS VARCHAR), level, paid, epoch_ms(_appended_at), _hll12_user, _log_version FROM read_parquet('${mine.uri(file.path)}', hive_partitioning = false)`,
              signal,
            );
            const rows: (readonly SqlValue[])[] = [];
            for await (const block of blocks) rows.push(...block);
            expect(rows).toHaveLength(file.rows);
            for (const [partition, offset, raw, ts, user, song, price, exact, level, paid, , coordinate, version] of rows) {
              const key = `${String(partition)}/${String(offset)}`;
              expect(found.has(key)).toBe(false);
              found.set(key, raw as string);
              const event = JSON.parse(raw as string) as Record<string, unknown>;
              expect(new Date(ts as number).toISOString().slice(0, 10)).toBe(file.date);
              expect({ ts, song, level, paid, exact, price: Number(price) }).toEqual({ exact: /"exact":([^}]*)/.exec(raw as string)![1], ts: event["ts"], song: event["song"], level: event["level"], paid: event["paid"], price: event["price"] });
              expect(user === null).toBe(event["user"] === null);
              expect(user ?? "null").toBe(/"user":(null|\d+)/.exec(raw as string)![1]);
              expect(coordinate === null).toBe(user === null);
              expect(version).toBe(1_024);
              expect(offset).toSatisfy((o: number) => o >= manifest.first && o < manifest.until);
            }
          }
          if (manifest.deadLetterFile) {
            const lines = new TextDecoder().decode(await mine.read(manifest.deadLetterFile.path, signal)).trimEnd().split("\n");
            expect(lines).toHaveLength(manifest.deadLetters);
            for (const line of lines) {
              const letter = JSON.parse(line) as { partition: number; offset: number; value: string; reason: string };
              expect(letter.reason).toBe("undecodable");
              found.set(`${letter.partition}/${letter.offset}`, letter.value);
            }
          }
          expect(manifest.records).toBe(manifest.events + manifest.deadLetters);
        }
        expect(found).toEqual(values);
      }),
      { numRuns: 15 },
    );
    await engine.close();
  });

  it("cuts segments on the grid, and a quiet one when its time and the guard have passed", async () => {
    const clock = simulatedClock(START);
    const log = memoryLog({ clock, topics: { plays: 1 } });
    const event = (at: number) => ({ appendedAt: at, value: JSON.stringify({ ts: at, price: 1, exact: 0 }) });
    log.place("plays", 0, [event(START), event(START + 30_000), event(START + 59_999), event(START + 60_000), event(START + 50_000), { ...event(START + 60_001), offset: 19 }, event(START + 60_002)]);
    const files = memoryFileSystem();
    const events: TelemetryEvent[] = [];
    const drainAt = async (now: number) => {
      events.length = 0;
      await createIngest({ log, files, clock: simulatedClock(now), plans, grid, sealGuardMs: 1_000, telemetry: (e) => events.push(e) }).drain(signal);
      return events.map((e) => (e.type === "ManifestCommitted" ? `${e.segment} until ${e.until} ${e.sealedBy}: ${e.records}` : e.type));
    };
    expect(await drainAt(START + 120_999)).toEqual(["0 until 3 grid: 3", "3 until 20 grid: 3"]);
    expect(await drainAt(START + 120_999)).toEqual([]);
    expect(await drainAt(START + 121_000)).toEqual(["20~21 until 21 quiet: 1"]);
    expect(await readQuietRecord(files, { topic: "plays", logVersion: 1_024, partition: 0 }, signal)).toEqual({ format: 1, through: START + 120_000, until: 21 });
    // A record whose broker time lies in the closed segment starts the next one.
    log.place("plays", 0, [event(START + 61_000)]);
    expect(await drainAt(START + 121_000)).toEqual(["21~22 until 22 quiet: 1"]);
    expect((await manifestsOf(files)).map(({ previous, first, until }) => [previous, first, until])).toEqual([[0, 0, 3], [3, 3, 20], [20, 20, 21], [21, 21, 22]]);
  });

  it("changes nothing when it is killed at any call to the file system and run again", async () => {
    const { log, now } = logOf(
      Array.from({ length: 26 }, (_, i) => ({ gap: i % 7 === 0 ? 2 : 0, moves: 9_000, late: i === 9 ? 86_400_000 : 0, partition: i % 5 === 0 ? 1 : 0, kind: i === 11 ? "broken" : "event" }) as const),
    );
    const whole = memoryFileSystem();
    await ingestOf(log, whole, now + 3_600_000).drain(signal);
    const expected = await contentOf(whole);
    for (let calls = 0; ; calls++) {
      const files = memoryFileSystem();
      const killed = dyingFileSystem(files, calls);
      const first = await ingestOf(log, killed.files, now + 3_600_000).drain(signal).then(
        () => "done" as const,
        () => "killed" as const,
      );
      // The survivor has other read sizes and another clock.
      await ingestOf(log, files, now + 7_200_000, { concurrentSegments: 2 }).drain(signal);
      expect(await contentOf(files)).toEqual(expected);
      if (first === "done") break;
    }
  });

  it("agrees with a rival on every segment, whoever closes it", async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 0, max: 150 }), fc.integer({ min: 0, max: 120_000 }), async (history, seenBefore, guard) => {
        // One closes a quiet segment early, on what it sees; then more records come.
        const before = logOf(history.slice(0, seenBefore));
        const files = memoryFileSystem();
        await ingestOf(before.log, files, before.now + guard).drain(signal);
        const { log, now, values } = logOf(history);
        const rivals = [ingestOf(log, files, now + 3_600_000), ingestOf(log, files, now + 3_600_000)];
        await Promise.all(rivals.map((rival) => rival.drain(signal)));
        const manifests = await manifestsOf(files);
        expect(manifests.reduce((sum, { records }) => sum + records, 0)).toBe(values.size);
        for (const { files: parts } of manifests) {
          for (const { path: file, sha256 } of parts) expect(createHash("sha256").update(await files.read(file, signal)).digest("hex")).toBe(sha256);
        }
      }),
      { numRuns: 40 },
    );
  });

  it("writes the same bytes however it reads: a backlog at once, or record by record as they come", async () => {
    const history = Array.from({ length: 80 }, (_, i) => ({ gap: 0, moves: 2_500, late: i % 13 === 0 ? 86_400_000 : 0, partition: 0, kind: "event" }) as const);
    const { log, now } = logOf(history);
    const atOnce = memoryFileSystem();
    await ingestOf(log, atOnce, now + 3_600_000).drain(signal);

    const clock = simulatedClock(START);
    const growing = memoryLog({ clock, topics: { plays: 1 } });
    const files = memoryFileSystem();
    const stop = new AbortController();
    const running = createIngest({ log: growing, files, clock, plans, grid, sealGuardMs: 1_000 }).run(stop.signal);
    for (const record of log.records("plays", 0)) {
      await clock.advance(record.appendedAt - clock.now());
      growing.place("plays", 0, [{ offset: record.offset, appendedAt: record.appendedAt, value: record.value! }]);
    }
    await clock.advance(3_600_000);
    for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));
    stop.abort();
    await running;
    const expected = [...(await contentOf(atOnce))].filter(([file]) => !file.includes("p1.json"));
    expect(Object.fromEntries(await contentOf(files))).toEqual(Object.fromEntries(expected));
  });

  it("refuses a log that was trimmed above what it needs next, with the offsets", async () => {
    const { log, now } = logOf(Array.from({ length: 60 }, () => ({ gap: 0, moves: 100, late: 0, partition: 0, kind: "event" }) as const));
    const files = memoryFileSystem();
    await ingestOf(log, files, now).drain(signal);
    expect((await manifestsOf(files)).at(-1)!.until).toBe(40);
    log.trim("plays", 0, 45);
    await expect(ingestOf(log, files, now).drain(signal)).rejects.toMatchObject({ code: "LOG_TRIMMED", from: 40, start: 45 });
  });

  it("refuses a changed grid, a compacted topic, and a missing manifest", async () => {
    const { log, now } = logOf(Array.from({ length: 70 }, () => ({ gap: 0, moves: 100, late: 0, partition: 0, kind: "event" }) as const));
    const files = memoryFileSystem();
    await ingestOf(log, files, now).drain(signal);
    await expect(ingestOf(log, files, now, { grid: { ...grid, segmentOffsets: 30 } }).drain(signal)).rejects.toMatchObject({ code: "GRID_MISMATCH" });
    const [, second] = await manifestsOf(files);
    await files.remove(`master/plays/_manifests/v1024-p0/${String(second!.first).padStart(16, "0")}.json`, signal);
    await expect(ingestOf(log, files, now).drain(signal)).rejects.toMatchObject({ code: "MISSING_MANIFEST", from: 20, until: 40 });
    log.configure("plays", { compacted: true });
    await expect(ingestOf(log, memoryFileSystem(), now).drain(signal)).rejects.toMatchObject({ code: "UNSUITABLE_TOPIC" });
  });

  it("goes on after a call that failed and may be repeated, and stops at one that may not", async () => {
    const { log, now } = logOf(Array.from({ length: 90 }, () => ({ gap: 0, moves: 1_000, late: 0, partition: 0, kind: "event" }) as const));
    const whole = memoryFileSystem();
    await ingestOf(log, whole, now).drain(signal);
    const clock = simulatedClock(now);
    const run = async (retryable: boolean, files: FileSystem) => {
      const faults = faultPlan([5, 17, 30].map((n) => ({ n, fault: "fails-after" as const })), { retryable });
      const events: TelemetryEvent[] = [];
      const drained = createIngest({ log: faulty("log", log, faults), files: faulty("files", files, faults), clock, plans, grid, telemetry: (event) => events.push(event) })
        .drain(signal)
        .then(() => "done", (error: unknown) => error);
      let result: unknown;
      void drained.then((settled) => (result = settled));
      while (result === undefined) await clock.advance(10_000);
      return { result, retries: events.filter(({ type }) => type === "RetryScheduled").length };
    };
    const files = memoryFileSystem();
    const { result, retries } = await run(true, files);
    expect(result).toBe("done");
    expect(retries).toBeGreaterThan(1);
    expect(await contentOf(files)).toEqual(await contentOf(whole));
    expect((await run(false, memoryFileSystem())).result).toMatchObject({ code: "INJECTED_FAULT" });
  });

  it("uses the memory of its encoder again and again", async () => {
    const log = memoryLog({ clock: simulatedClock(START), topics: { plays: 1 } });
    const value = JSON.stringify({ ts: START, song: "x".repeat(400), price: 1, exact: 0 });
    log.place("plays", 0, Array.from({ length: 16_000 }, (_, i) => ({ appendedAt: START, value: value.replace("xxxxx", `${i}`) })));
    const drain = () => createIngest({ log, files: memoryFileSystem(), clock: simulatedClock(START + 3_600_000), plans, grid: { segmentOffsets: 4_000, segmentMs: 60_000 } }).drain(signal);
    await drain();
    const before = wasmMemory().buffer.byteLength;
    for (let i = 0; i < 3; i++) await drain();
    expect(wasmMemory().buffer.byteLength).toBe(before);
  });

  it("starts a partition that appears later at its first record", async () => {
    const clock = simulatedClock(START);
    const log = memoryLog({ clock, topics: { plays: 1 } });
    const files = memoryFileSystem();
    const stop = new AbortController();
    const running = createIngest({ log, files, clock, plans, grid, sealGuardMs: 1_000, discoverMs: 10_000 }).run(stop.signal);
    await clock.advance(1_000);
    await log.createTopic("plays", { partitions: 2 }, signal);
    log.skipTo("plays", 1, 7);
    log.trim("plays", 1, 7);
    log.place("plays", 1, [{ value: JSON.stringify({ ts: START, price: 1, exact: 0 }), appendedAt: START }]);
    await clock.advance(200_000);
    for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));
    stop.abort();
    await running;
    expect((await manifestsOf(files)).map(({ partition, previous, first, until }) => [partition, previous, first, until])).toEqual([[1, 7, 7, 8]]);
  });
});

/** A file system whose process dies at the given call: that call and all later ones fail, half of the time after they took effect. */
function dyingFileSystem(files: FileSystem, atCall: number): { files: FileSystem } {
  let left = atCall;
  const dying = async <T>(run: () => Promise<T>): Promise<T> => {
    if (left-- > 0) return run();
    if (left === -1 && atCall % 2 === 0) await run();
    throw new Error("killed");
  };
  return {
    files: {
      ...files,
      write: (file, s) =>
        dying(async () => {
          const writer = await files.write(file, s);
          return {
            write: (chunk) => dying(() => writer.write(chunk)),
            commit: () => dying(() => writer.commit()),
            abort: () => writer.abort(),
          };
        }),
      putIfAbsent: (file, content, s) => dying(() => files.putIfAbsent(file, content, s)),
      replace: (file, content, s) => dying(() => files.replace(file, content, s)),
      read: (file, s) => dying(() => files.read(file, s)),
      list: (folder, s) => dying(() => files.list(folder, s)),
    },
  };
}
