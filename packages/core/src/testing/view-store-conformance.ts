import assert from "node:assert/strict";
import fc from "fast-check";
import { segmentName } from "../log/segment.js";
import type { SegmentId } from "../log/segment.js";
import { partitionName } from "../log/position.js";
import type { CellType, CellValue, Combine } from "../measures/cell.js";
import type { MeasureCell } from "../measures/measure-definition.js";
import type { Heartbeat, ProgressRow, ViewStore } from "../ports/view-store.js";
import type { DimensionValue, SegmentPartials } from "../views/partial-batch.js";
import type { ViewDefinition } from "../views/view-definition.js";
import { declareLaws, needed, rejectsWith } from "./law.js";
import type { It, Law, Subject, Waivers } from "./law.js";

/** A store that is to prove itself, with what the laws need to see it from outside. */
export interface ViewStoreSubject extends Subject {
  readonly store: ViewStore;
  /** Instants that the subject's clock is at and counts from, epoch ms. Default: the system's now. Rows of the laws expire a day later. */
  readonly now?: () => number;
  /** A second client of the same store: another object, better another process. */
  readonly another?: () => Promise<ViewStore>;
  /** Moves the store's clock to an instant; the law then sweeps. */
  readonly moveTo?: (instant: number) => Promise<void>;
}

const never = new AbortController().signal;
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
/** Of every segment of the laws. */
const RECEIVED_AT = 1_700_000_000_000;

/** A view for stores: dimensions `text` and `id`, and one cell of each type. Other fields as tests need them. */
export function storeTestView(name: string, fingerprint: string): ViewDefinition {
  const cell = (cellName: string, type: CellType, combine: Combine): MeasureCell => ({ name: cellName, type, combine, input: { of: "one" } });
  return {
    name,
    from: {
      topic: "topic",
      columns: {
        at: { kind: "timestamp", unit: "ms" },
        text: { kind: "text", optional: true },
        id: { kind: "int64", optional: true, as: "bigint" },
      } as unknown as ViewDefinition["from"]["columns"],
      eventTime: "at",
      latenessMs: 60_000,
      maxPastMs: null,
      maxFutureMs: DAY_MS,
      maxTextBytes: 8_192,
      maxRecordBytes: 4 * 2 ** 20,
      decoderVersion: 1,
    },
    by: ["text", "id"],
    every: "minute",
    measures: [],
    cells: [cell("count", "int64", "sum"), cell("largest", "int64", "max"), cell("weight", "float64", "sum"), cell("sketch", "sketch", "maxByKey")],
    coordinates: [],
    fingerprint,
  };
}

interface PlainRow {
  readonly window: number;
  readonly dimensions: readonly DimensionValue[];
  readonly cells: readonly CellValue[];
  readonly version: number;
}

function partialsOf(segment: SegmentId, rows: readonly PlainRow[]): SegmentPartials {
  return {
    segment,
    receivedAt: RECEIVED_AT,
    length: rows.length,
    windows: Float64Array.from(rows, ({ window }) => window),
    versions: Float64Array.from(rows, ({ version }) => version),
    dimensions: [0, 1].map((d) => rows.map((row) => row.dimensions[d]!)),
    cells: [0, 1, 2, 3].map((c) => rows.map((row) => row.cells[c]!)),
  };
}

const plainCell = (cell: CellValue): CellValue => (cell instanceof Uint8Array ? Uint8Array.from(cell) : cell);

function rowsOf(partials: SegmentPartials): PlainRow[] {
  assert.equal(partials.windows.length, partials.length, "windows are as many as rows");
  assert.equal(partials.versions.length, partials.length, "versions are as many as rows");
  for (const column of [...partials.dimensions, ...partials.cells]) assert.equal(column.length, partials.length, "every column has a value a row");
  return Array.from({ length: partials.length }, (_, i) => ({
    window: partials.windows[i]!,
    dimensions: partials.dimensions.map((column) => column[i]!),
    cells: partials.cells.map((column) => plainCell(column[i]!)),
    version: partials.versions[i]!,
  }));
}

function rowKey({ window, dimensions }: PlainRow): string {
  return JSON.stringify([window, ...dimensions.map((value) => [typeof value, String(value)])]);
}

function sorted(rows: readonly PlainRow[]): PlainRow[] {
  return [...rows].sort((a, b) => a.window - b.window || (rowKey(a) < rowKey(b) ? -1 : 1));
}

const ALL = { from: -8.64e15, until: 8.64e15 };

/** Rows of each segment asked for, sorted. */
async function read(store: ViewStore, view: ViewDefinition, segments: readonly SegmentId[], range = ALL): Promise<PlainRow[][]> {
  const found = segments.map((): PlainRow[] => []);
  const names = segments.map((segment) => `${partitionName(segment)}/${segmentName(segment)}`);
  for await (const partials of store.read({ view, segments, ...range }, never)) {
    const index = names.indexOf(`${partitionName(partials.segment)}/${segmentName(partials.segment)}`);
    assert.ok(index >= 0, `rows of segment "${segmentName(partials.segment)}" were not asked for`);
    found[index]!.push(...rowsOf(partials));
  }
  for (const rows of found) assert.equal(new Set(rows.map(rowKey)).size, rows.length, "a row came twice");
  return found.map(sorted);
}

const segment = (first: number, more: Partial<SegmentId> = {}): SegmentId => ({ topic: "topic", logVersion: 1_024, partition: 0, first, ...more });

const row = (n: number, version: number, window = n): PlainRow => ({
  window: window * MINUTE_MS,
  dimensions: [`key ${n % 10}`, BigInt(n)],
  cells: [version, BigInt(version) << 55n, version / 3, Uint8Array.of(n, version)],
  version,
});

function progress(fingerprint: string, of: SegmentId, until: number, more: Partial<ProgressRow> = {}): ProgressRow {
  return {
    fingerprint,
    segment: of,
    previous: of.first,
    until,
    sealed: false,
    version: until,
    records: until - of.first,
    events: until - of.first,
    filtered: 1,
    late: 2,
    deadLetters: 0,
    minWindow: 0,
    maxWindow: MINUTE_MS,
    maxEventTime: 12_345,
    receivedAt: RECEIVED_AT,
    crc: 0xdeadbeef,
    coveredUntil: 4e12,
    overlapping: true,
    ...more,
  };
}

function bySegment(rows: readonly ProgressRow[]): ProgressRow[] {
  const key = (row: ProgressRow): string => `${partitionName(row.segment)}/${segmentName(row.segment)}`;
  assert.equal(new Set(rows.map(key)).size, rows.length, "a segment has two progress rows");
  return [...rows].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

const heartbeats = (rows: readonly Heartbeat[]): Heartbeat[] => [...rows].sort((a, b) => (`${a.partition}${a.worker}` < `${b.partition}${b.worker}` ? -1 : 1));

const VIEW = storeTestView("plays", "00000000000000aa");
const OTHER = storeTestView("plays", "00000000000000bb");

async function prepared({ store, now }: ViewStoreSubject): Promise<{ readonly store: ViewStore; readonly expiresAt: number }> {
  await store.prepare([VIEW, OTHER], never);
  return { store, expiresAt: (now ?? Date.now)() + DAY_MS };
}

const LAWS: readonly Law<ViewStoreSubject>[] = [
  {
    id: "keeps-values",
    says: "every kind of dimension and cell comes back as it was written",
    async prove(subject) {
      const { store, expiresAt } = await prepared(subject);
      const dimensions: readonly DimensionValue[][] = [
        ["plain", 0n], ["", 1n], [null, null], ["é 日本 😀 \u0000 \ud800", -(2n ** 63n)], ["1", 2n ** 63n - 1n], ["x".repeat(3_000), 5n], ["null", 6n], ["true", 7n],
      ];
      const cells: readonly CellValue[][] = [
        [0, null, 0, Uint8Array.of()], [-1, -1, -0.5, Uint8Array.of(0, 255)], [2 ** 53 - 1, 2 ** 31, 1e300, Uint8Array.of(7)], [2n ** 63n - 1n, -(2n ** 63n), 5e-324, new Uint8Array(5_000).fill(9)],
        [1, 1, Infinity, Uint8Array.of(1)], [2 ** 31, 2n ** 53n, -1e-9, Uint8Array.of(2)], [-(2 ** 31) - 1, 0, 0.1, Uint8Array.of(3)], [3, null, 123_456_789.25, Uint8Array.of(4)],
      ];
      const rows = dimensions.map((values, i): PlainRow => ({ window: (i - 3) * 1e11, dimensions: values, cells: cells[i]!, version: 2 ** 43 + i }));
      await store.write(VIEW, partialsOf(segment(0), rows), expiresAt, never);
      assert.deepEqual(await read(store, VIEW, [segment(0)]), [sorted(rows)]);
    },
  },
  {
    id: "keeps-scalar-dimensions",
    says: "numbers, booleans and texts that look alike are different values of a dimension",
    async prove(subject) {
      const { store, expiresAt } = await prepared(subject);
      const values: readonly DimensionValue[] = [1, "1", 1n, true, "true", false, 0, "", null, 1.5, -1];
      const rows = values.map((value, i): PlainRow => ({ window: 0, dimensions: [value, 0n], cells: [i, i, i, Uint8Array.of(i)], version: 1 }));
      await store.write(VIEW, partialsOf(segment(0), rows), expiresAt, never);
      await store.write(VIEW, partialsOf(segment(0), rows.map((old) => ({ ...old, version: 2 }))), expiresAt, never);
      assert.deepEqual(await read(store, VIEW, [segment(0)]), [sorted(rows.map((old) => ({ ...old, version: 2 })))]);
    },
  },
  {
    id: "replay-is-a-no-op",
    says: "writing rows again, or an older version of them, changes nothing",
    async prove(subject) {
      const { store, expiresAt } = await prepared(subject);
      const newest = [row(1, 9), row(2, 9), row(3, 4)];
      await store.write(VIEW, partialsOf(segment(0), [row(1, 5), row(3, 4)]), expiresAt, never);
      await store.write(VIEW, partialsOf(segment(0), [row(1, 9), row(2, 9)]), expiresAt, never);
      assert.deepEqual(await read(store, VIEW, [segment(0)]), [newest]);
      await store.write(VIEW, partialsOf(segment(0), [row(1, 9), row(2, 9)]), expiresAt, never);
      await store.write(VIEW, partialsOf(segment(0), [row(1, 5), row(3, 4)]), expiresAt, never);
      await store.write(VIEW, partialsOf(segment(0), [row(2, 8)]), expiresAt, never);
      await store.write(VIEW, partialsOf(segment(100), [row(5, 2), row(5, 3), row(5, 1)]), expiresAt, never);
      assert.deepEqual(await read(store, VIEW, [segment(100)]), [[row(5, 3)]], "a row that is twice in one write must be kept once");
      assert.deepEqual(await read(store, VIEW, [segment(0)]), [newest]);
    },
  },
  {
    id: "equals-a-plain-map",
    says: "after any history of writes by one or two clients, reads of any range give of each row the highest version, once",
    async prove(subject) {
      const { store, expiresAt } = await prepared(subject);
      const other = subject.another ? await subject.another() : store;
      let run = 0;
      const batch = fc.record({ segment: fc.nat(2), version: fc.integer({ min: 1, max: 12 }), keys: fc.uniqueArray(fc.nat(7), { maxLength: 6 }), second: fc.boolean(), seals: fc.boolean() });
      const looks = fc.record({ after: fc.nat(20), from: fc.nat(8), length: fc.nat(8), second: fc.boolean() });
      await fc.assert(
        fc.asyncProperty(fc.array(batch, { maxLength: 20 }), fc.array(looks, { maxLength: 5 }), async (writes, reads) => {
          run++;
          const segments = [0, 1, 2].map((n) => segment(n * 100, { partition: run }));
          const model = segments.map(() => new Map<string, PlainRow>());
          const check = async (client: ViewStore, from: number, until: number): Promise<void> => {
            const expected = model.map((rows) => sorted([...rows.values()].filter(({ window }) => window >= from && window < until)));
            assert.deepEqual(await read(client, VIEW, segments, { from, until }), expected);
          };
          for (const [i, write] of writes.entries()) {
            // A row's value is a function of its version, as it is of the log.
            const rows = write.keys.map((key) => row(key, write.version));
            await (write.second ? other : store).write(VIEW, partialsOf(segments[write.segment]!, rows), expiresAt, never);
            for (const written of rows) {
              const old = model[write.segment]!.get(rowKey(written));
              if (!old || old.version < written.version) model[write.segment]!.set(rowKey(written), written);
            }
            if (write.seals) await store.writeProgress([progress(VIEW.fingerprint, segments[write.segment]!, 50, { sealed: true, version: 100 + i })], never);
            for (const look of reads.filter(({ after }) => after === i)) await check(look.second ? other : store, look.from * MINUTE_MS, (look.from + look.length) * MINUTE_MS);
          }
          await check(store, ALL.from, ALL.until);
          await check(other, ALL.from, ALL.until);
        }),
        { numRuns: 15 },
      );
      if (other !== store) await other.close();
    },
  },
  {
    id: "many-small-writes",
    says: "rows of a hundred writes, at the same time and one after the other, are all there",
    async prove(subject) {
      const { store, expiresAt } = await prepared(subject);
      await Promise.all(Array.from({ length: 60 }, (_, i) => store.write(VIEW, partialsOf(segment(0), [row(i, 1), row(1_000, i + 1)]), expiresAt, never)));
      for (let i = 60; i < 100; i++) await store.write(VIEW, partialsOf(segment(0), [row(i, 1), row(1_000, i + 1)]), expiresAt, never);
      const expected = sorted([...Array.from({ length: 100 }, (_, i) => row(i, 1)), row(1_000, 100)]);
      assert.deepEqual(await read(store, VIEW, [segment(0)]), [expected]);
      await store.writeProgress([progress(VIEW.fingerprint, segment(0), 100, { sealed: true, version: 101 })], never);
      assert.deepEqual(await read(store, VIEW, [segment(0)]), [expected], "sealing a segment changed its rows");
    },
  },
  {
    id: "keeps-apart",
    says: "segments, ends, partitions, log versions, topics and fingerprints do not mix",
    async prove(subject) {
      const { store, expiresAt } = await prepared(subject);
      const segments = [
        segment(5), segment(50), segment(5, { end: 9 }), segment(5, { end: 10 }), segment(5, { partition: 1 }), segment(5, { logVersion: 1_025 }), segment(5, { topic: "topic2" }), segment(5, { topic: "to" }),
      ];
      for (const [i, of] of segments.entries()) await store.write(VIEW, partialsOf(of, [row(i, 1)]), expiresAt, never);
      await store.write(OTHER, partialsOf(segment(5), [row(99, 1)]), expiresAt, never);
      assert.deepEqual(await read(store, VIEW, segments), segments.map((_, i) => [row(i, 1)]));
      assert.deepEqual(await read(store, VIEW, [segments[3]!]), [[row(3, 1)]]);
      assert.deepEqual(await read(store, OTHER, segments), [[row(99, 1)], ...segments.slice(1).map(() => [])]);
      assert.deepEqual(await read(store, VIEW, [segment(77)]), [[]]);
      assert.deepEqual(await read(store, VIEW, []), []);
    },
  },
  {
    id: "half-open-ranges",
    says: "a range holds windows from its start, not its end",
    async prove(subject) {
      const { store, expiresAt } = await prepared(subject);
      await store.write(VIEW, partialsOf(segment(0), [row(1, 1), row(2, 1), row(3, 1)]), expiresAt, never);
      const windows = async (from: number, until: number): Promise<number[]> => (await read(store, VIEW, [segment(0)], { from, until }))[0]!.map(({ window }) => window / MINUTE_MS);
      assert.deepEqual(await windows(MINUTE_MS, 3 * MINUTE_MS), [1, 2]);
      assert.deepEqual(await windows(3 * MINUTE_MS, 3 * MINUTE_MS), []);
      assert.deepEqual(await windows(MINUTE_MS + 1, 3 * MINUTE_MS + 1), [2, 3]);
    },
  },
  {
    id: "results-stay",
    says: "what was read does not change with later writes, and what was written may be changed by the caller",
    async prove(subject) {
      const { store, expiresAt } = await prepared(subject);
      const partials = partialsOf(segment(0), [row(1, 1), row(2, 1)]);
      await store.write(VIEW, partials, expiresAt, never);
      const held: SegmentPartials[] = [];
      for await (const batch of store.read({ view: VIEW, segments: [segment(0)], ...ALL }, never)) held.push(batch);
      const then = held.map(rowsOf);
      partials.windows.fill(0);
      partials.versions.fill(99);
      (partials.cells[0] as CellValue[]).fill(-1);
      (partials.dimensions[0] as DimensionValue[]).fill("changed");
      for (const cell of partials.cells[3]!) (cell as Uint8Array).fill(0);
      await store.write(VIEW, partialsOf(segment(0), [row(1, 2), row(3, 2)]), expiresAt, never);
      assert.deepEqual(await read(store, VIEW, [segment(0)]), [[row(1, 2), row(2, 1), row(3, 2)]]);
      assert.deepEqual(held.map(rowsOf), then);
    },
  },
  {
    id: "progress",
    says: "of each progress row the highest version is kept, whatever the order of writing, and all its fields",
    async prove(subject) {
      const { store } = await prepared(subject);
      const f = VIEW.fingerprint;
      const ended = segment(0, { end: 30 });
      await store.writeProgress([progress(f, segment(0), 10), progress(f, ended, 30, { sealed: true, version: 31, minWindow: null, maxWindow: null, maxEventTime: null })], never);
      await store.writeProgress([progress(f, segment(0), 40, { sealed: true, version: 51 }), progress(f, segment(40, { partition: 1 }), 45)], never);
      await store.writeProgress([progress(f, segment(0), 20), progress(f, segment(0), 40)], never);
      await store.writeProgress([progress(OTHER.fingerprint, segment(0), 7), progress(f, segment(0, { topic: "other" }), 8), progress(f, segment(0, { logVersion: 1_025 }), 9)], never);
      assert.deepEqual(
        bySegment(await store.readProgress(f, "topic", never)),
        bySegment([
          progress(f, ended, 30, { sealed: true, version: 31, minWindow: null, maxWindow: null, maxEventTime: null }),
          progress(f, segment(0), 40, { sealed: true, version: 51 }),
          progress(f, segment(40, { partition: 1 }), 45),
          progress(f, segment(0, { logVersion: 1_025 }), 9),
        ]),
      );
      assert.deepEqual(await store.readProgress(OTHER.fingerprint, "topic", never), [progress(OTHER.fingerprint, segment(0), 7)]);
      assert.deepEqual(await store.readProgress(f, "none", never), []);
      await store.writeProgress([], never);
    },
  },
  {
    id: "heartbeats",
    says: "each worker's newest heartbeat of a partition is kept, with its gap",
    async prove(subject) {
      const { store } = await prepared(subject);
      const at = (subject.now ?? Date.now)();
      const beat = (partition: number, worker: string, more: Partial<Heartbeat> = {}): Heartbeat => ({ topic: "topic", partition, worker, at, position: 5, ...more });
      await store.writeHeartbeat(beat(0, "a"), never);
      await store.writeHeartbeat(beat(0, "b"), never);
      await store.writeHeartbeat(beat(1, "a", { gap: { from: 3, until: null, reason: "trimmed" } }), never);
      await store.writeHeartbeat(beat(0, "a", { at: at + 5, position: 9 }), never);
      await store.writeHeartbeat({ ...beat(0, "a"), topic: "topics" }, never);
      assert.deepEqual(heartbeats(await store.readHeartbeats("topic", never)), [
        beat(0, "a", { at: at + 5, position: 9 }),
        beat(0, "b"),
        beat(1, "a", { gap: { from: 3, until: null, reason: "trimmed" } }),
      ]);
    },
  },
  {
    id: "keeps-until-expiry",
    says: "rows are kept until they expire, and progress for a day longer",
    async prove(subject) {
      const { store, expiresAt } = await prepared(subject);
      const moveTo = needed(subject.moveTo, "moveTo");
      await store.write(VIEW, partialsOf(segment(0), [row(1, 1)]), expiresAt, never);
      await store.write(VIEW, partialsOf(segment(100), [row(2, 1)]), expiresAt + DAY_MS, never);
      const rows = [progress(VIEW.fingerprint, segment(0), 10, { coveredUntil: expiresAt - 1_000 }), progress(VIEW.fingerprint, segment(100), 110, { coveredUntil: expiresAt + DAY_MS - 1_000 })];
      await store.writeProgress(rows, never);
      const at = async (instant: number): Promise<[number, number]> => {
        await moveTo(instant);
        await store.sweep(instant, never);
        const [first, second] = await read(store, VIEW, [segment(0), segment(100)]);
        return [first!.length, second!.length];
      };
      assert.deepEqual(await at(expiresAt - 1), [1, 1], "rows were dropped before they expired");
      assert.equal((await at(expiresAt + DAY_MS - 1))[1], 1, "rows were dropped before they expired");
      assert.deepEqual(bySegment(await store.readProgress(VIEW.fingerprint, "topic", never)), rows, "progress was dropped less than a day after its rows");
      await at(expiresAt + 400 * DAY_MS);
      assert.deepEqual(await read(store, VIEW, [segment(0)]), [[]], "a sweep left rows that expired a year ago");
      assert.deepEqual(await store.readProgress(VIEW.fingerprint, "topic", never), [], "a sweep left progress of a year ago");
    },
  },
  {
    id: "another-client",
    says: "what one client wrote another reads, rows and progress, also what it has read before",
    async prove(subject) {
      const { store, expiresAt } = await prepared(subject);
      const other = await needed(subject.another, "another")();
      for (let version = 1; version <= 80; version++) {
        await store.write(VIEW, partialsOf(segment(0), [row(1, version)]), expiresAt, never);
        await store.writeProgress([progress(VIEW.fingerprint, segment(0), version)], never);
        if (version % 9 === 0) {
          assert.deepEqual(await read(other, VIEW, [segment(0)]), [[row(1, version)]]);
          assert.deepEqual(await other.readProgress(VIEW.fingerprint, "topic", never), [progress(VIEW.fingerprint, segment(0), version)]);
        }
      }
      await other.close();
    },
  },
  {
    id: "aborts",
    says: "an aborted signal refuses every call with its reason, and nothing is written",
    async prove(subject) {
      const { store, expiresAt } = await prepared(subject);
      const aborted = AbortSignal.abort(new Error("enough"));
      await assert.rejects(store.write(VIEW, partialsOf(segment(0), [row(1, 1)]), expiresAt, aborted), /enough/);
      await assert.rejects(store.writeProgress([progress(VIEW.fingerprint, segment(0), 10)], aborted), /enough/);
      await assert.rejects(store.readProgress(VIEW.fingerprint, "topic", aborted), /enough/);
      await assert.rejects(store.read({ view: VIEW, segments: [segment(0)], ...ALL }, aborted)[Symbol.asyncIterator]().next(), /enough/);
      assert.deepEqual(await read(store, VIEW, [segment(0)]), [[]]);
      assert.deepEqual(await store.readProgress(VIEW.fingerprint, "topic", never), []);
    },
  },
  {
    id: "closes",
    says: "close may be called twice, and what is called after it is a ClosedError",
    async prove(subject) {
      const { store, expiresAt } = await prepared(subject);
      await store.prepare([VIEW], never);
      await store.close();
      await store.close();
      await rejectsWith(store.write(VIEW, partialsOf(segment(0), [row(1, 1)]), expiresAt, never), "ClosedError", "writing after close");
      await rejectsWith(read(store, VIEW, [segment(0)]), "ClosedError", "reading after close");
    },
  },
];

/** Proves a {@link ViewStore}. `create` is called once a law and gives an empty one. */
export function viewStoreConformance(it: It, create: () => Promise<ViewStoreSubject>, waivers: Waivers = {}): void {
  declareLaws("view store", it, LAWS, create, waivers);
}
