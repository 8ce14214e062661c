import { CURRENT_PATH, FIRST_LOG_VERSION, claimGridRecord, encodeManifest, generationPath, manifestPath } from "@millrace/core";
import type { Cut, FileSystem, Generation, Grid, LogRecord, Manifest } from "@millrace/core";

const signal = new AbortController().signal;
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Tells the speed layer what a batch layer would tell it: manifests and generations, without any data behind them. */
export class BatchStandIn {
  readonly #files: FileSystem;
  readonly #topic: string;
  readonly #grid: Grid;
  readonly #records: (partition: number) => readonly LogRecord[];
  readonly #manifests = new Map<number, Manifest[]>();
  #generation = 0;
  /** Of the current generation, by partition. */
  cut: Readonly<Record<number, number>> = {};

  constructor(files: FileSystem, topic: string, grid: Grid, records: (partition: number) => readonly LogRecord[]) {
    this.#files = files;
    this.#topic = topic;
    this.#grid = grid;
    this.#records = records;
  }

  manifests(partition: number): readonly Manifest[] {
    return this.#manifests.get(partition) ?? [];
  }

  /**
   * Commits the next segment of a partition where the grid sealed it, or, when `quiet`, where its visible records end.
   * False: there is none. `hidden` records at the end are not seen, as by a replica that lags.
   */
  async commit(partition: number, { quiet = false, hidden = 0 } = {}): Promise<boolean> {
    const at = { topic: this.#topic, logVersion: FIRST_LOG_VERSION, partition };
    const { origin } = await claimGridRecord(this.#files, { ...at, grid: this.#grid, origin: 0 }, signal);
    const known = this.#manifests.get(partition) ?? [];
    const previous = known.at(-1)?.until ?? origin;
    const all = this.#records(partition);
    const records = all.slice(0, Math.max(0, all.length - hidden)).filter(({ offset }) => offset >= previous);
    const first = records[0];
    if (first === undefined) return false;
    const { segmentOffsets, segmentMs } = this.#grid;
    let length = 1;
    let sealed = false;
    for (; length < records.length; length++) {
      const record = records[length]!;
      const newRun = Math.floor(record.offset / segmentOffsets) > Math.floor(records[length - 1]!.offset / segmentOffsets);
      const newTime = segmentMs !== null && Math.floor(record.appendedAt / segmentMs) > Math.floor(first.appendedAt / segmentMs);
      sealed = newRun || newTime;
      if (sealed) break;
    }
    if (!sealed && !quiet) return false;
    const manifest: Manifest = {
      format: 1,
      ...at,
      first: first.offset,
      until: records[length - 1]!.offset + 1,
      previous,
      sealedBy: sealed ? "grid" : "quiet",
      receivedAt: first.appendedAt,
      maxAppendedAt: first.appendedAt,
      records: length,
      events: length,
      deadLetters: 0,
      late: 0,
      files: [],
      deadLetterFile: null,
      coordinates: [],
      streamFingerprint: "",
    };
    await this.#files.putIfAbsent(manifestPath(at, manifest.first), encodeManifest(manifest), signal);
    this.#manifests.set(partition, [...known, manifest]);
    return true;
  }

  /** Publishes a generation with these cuts: offsets, by partition. */
  async publish(cut: Readonly<Record<number, number>>): Promise<void> {
    const number = ++this.#generation;
    const positions: Cut = {
      [this.#topic]: Object.entries(cut).map(([partition, offset]) => ({ partition: Number(partition), logVersion: FIRST_LOG_VERSION, offset })),
    };
    const generation: Generation = {
      format: 1,
      number,
      parent: number === 1 ? null : number - 1,
      kind: "incremental",
      contentOf: null,
      startedAt: 0,
      publishedAt: 0,
      cut: positions,
      cutAt: null,
      tables: [],
      drift: [],
      checks: [],
    };
    await this.#files.putIfAbsent(generationPath(number), encode(JSON.stringify(generation)), signal);
    await this.#files.replace(CURRENT_PATH, encode(`${number}\n`), signal);
    this.cut = cut;
  }
}
