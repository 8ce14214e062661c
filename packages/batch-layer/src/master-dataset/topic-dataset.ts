import {
  cutOf,
  erasedOffsets,
  ManifestCatalog,
  MissingManifestError,
  parseManifest,
  readErasures,
  readingsFolder,
  type Cut,
  type CutPosition,
  type Erasure,
  type FileSystem,
  type LogPartition,
  type Manifest,
  type ManifestFile,
  type StreamPlan,
} from "@millrace/core";
import { streamFingerprint } from "../ingest/stream-fingerprint.js";
import { CutOffGridError } from "./cut-off-grid-error.js";

/** A file of the master dataset with the segment it belongs to. */
export interface MasterFile extends ManifestFile {
  readonly manifest: Manifest;
}

/** A segment whose files are not as they are wanted now: by the present declaration of its stream, without what was erased. */
export interface UnreadSegment {
  /** Its readings, the one that committed it first. */
  readonly readings: readonly Manifest[];
  /** Offsets of the records to leave out, growing. */
  readonly erased: readonly number[];
}

/** Manifests read at the same time. */
const CONCURRENT_READS = 16;

const keyOf = ({ logVersion, partition, first }: Pick<Manifest, "logVersion" | "partition" | "first">) => `v${logVersion}-p${partition}/${first}`;

/**
 * The committed segments of one topic as a run reads them: each in the reading that the present declaration of the stream
 * and the erasures call for, where that was made, else as it was committed. Memory: the manifests.
 */
export class TopicDataset {
  readonly #files: FileSystem;
  readonly #catalog: ManifestCatalog;
  readonly #fingerprint: string;
  readonly #seen = new Set<string>();
  readonly #paths = new Map<Manifest, string>();
  /** By segment. */
  readonly #readings = new Map<string, Manifest[]>();
  #erasures: readonly Erasure[] = [];

  readonly topic: string;

  constructor(files: FileSystem, plan: StreamPlan) {
    this.#files = files;
    this.topic = plan.stream.topic;
    this.#catalog = new ManifestCatalog(files, this.topic);
    this.#fingerprint = streamFingerprint(plan);
  }

  /** What is to be left out. */
  get erasures(): readonly Erasure[] {
    return this.#erasures;
  }

  /** Reads what was committed, erased and read again since the last call. */
  async refresh(signal: AbortSignal): Promise<void> {
    await this.#catalog.refresh(signal);
    // After the manifests: whatever an erasure names is committed.
    this.#erasures = await readErasures(this.#files, this.topic, signal);
    const listed = await this.#files.list(readingsFolder(this.topic), signal);
    const paths = listed.map(({ path }) => path).filter((path) => path.endsWith(".json") && !this.#seen.has(path));
    for (let i = 0; i < paths.length; i += CONCURRENT_READS) {
      const some = paths.slice(i, i + CONCURRENT_READS);
      const contents = await Promise.all(some.map((path) => this.#files.read(path, signal)));
      some.forEach((path, j) => this.add(path, parseManifest(path, contents[j]!)));
    }
  }

  /** Takes in a reading that was made. */
  add(path: string, reading: Manifest): void {
    if (this.#seen.has(path)) return;
    this.#seen.add(path);
    this.#paths.set(reading, path);
    const key = keyOf(reading);
    const same = this.#readings.get(key);
    if (same) same.push(reading);
    else this.#readings.set(key, [reading]);
  }

  /** The committed segments of a partition, in offset order. */
  manifests({ partition, logVersion }: LogPartition): readonly Manifest[] {
    return this.#catalog.manifests(partition, logVersion).map((committed) => this.#read(committed));
  }

  /** The end of every partition's last segment, in partition order. */
  newest(): readonly CutPosition[] {
    return this.#catalog
      .partitions()
      .map(({ partition, logVersion }) => ({ partition, logVersion, offset: this.#catalog.manifests(partition, logVersion).at(-1)!.until }))
      .sort((a, b) => a.partition - b.partition || a.logVersion - b.logVersion)
      // Of a topic that was re-created, the newest incarnation has the cut: the older ones lie below it.
      .filter(({ partition }, i, all) => all[i + 1]?.partition !== partition);
  }

  /**
   * The segments below the cut.
   *
   * @throws {MissingManifestError} when the cut lies beyond them; {@link CutOffGridError} when it lies within one.
   */
  below(cut: Cut): readonly Manifest[] {
    return this.#committed((manifest) => isBelow(manifest, cut)).map((committed) => this.#read(committed));
  }

  /** The segments below the cut that must be read again before a run builds from them. */
  unread(cut: Cut): readonly UnreadSegment[] {
    return this.#committed((manifest) => isBelow(manifest, cut))
      .filter((committed) => this.#wanted(committed) === undefined)
      .map((committed) => ({ readings: this.readings(committed), erased: this.#erasedOf(committed) }));
  }

  /** Every reading of a segment, the one that committed it first. */
  readings(committed: Manifest): readonly Manifest[] {
    return [committed, ...(this.#readings.get(keyOf(committed)) ?? [])];
  }

  /** The dates of rows that one of the cuts includes and the other does not. */
  datesBetween(a: Cut, b: Cut): ReadonlySet<string> {
    return new Set(this.#committed((manifest) => isBelow(manifest, a) !== isBelow(manifest, b)).flatMap((committed) => this.#read(committed).files.map(({ date }) => date)));
  }

  /** The dates of segments that erasures after the first `applied` took records out of. */
  datesErasedSince(applied: number): ReadonlySet<string> {
    const later = this.#erasures.slice(applied);
    if (later.length === 0) return new Set();
    const touched = this.#committed((manifest) => erasedOffsets(later, manifest, manifest.first, manifest.until).length > 0);
    return new Set(touched.flatMap((committed) => this.readings(committed).flatMap(({ files }) => files.map(({ date }) => date))));
  }

  /** The segments, as they were committed, that some erasure took records out of. */
  erasedSegments(): readonly Manifest[] {
    return this.#erasures.length === 0 ? [] : this.#committed((manifest) => this.#erasedOf(manifest).length > 0);
  }

  /** The readings of a segment, of any declaration, that have none of the records that were erased from it. */
  cleanReadings(committed: Manifest): readonly Manifest[] {
    const erased = String(this.#erasedOf(committed));
    return this.readings(committed).filter((reading) => String(reading.erased ?? []) === erased);
  }

  /** Where a reading's manifest is; undefined for the one that committed its segment. */
  pathOf(reading: Manifest): string | undefined {
    return this.#paths.get(reading);
  }

  /** A record that was erased and is not below the cut, if there is one. */
  erasedBeyond(cut: Cut): (LogPartition & { readonly offset: number }) | undefined {
    for (const { records } of this.#erasures) {
      for (const { partition, logVersion, offsets } of records) {
        const offset = offsets.at(-1);
        if (offset !== undefined && !isBelow({ topic: this.topic, partition, logVersion, until: offset + 1 }, cut)) return { topic: this.topic, partition, logVersion, offset };
      }
    }
    return undefined;
  }

  /** Checks that the cut is made of ends of committed segments. */
  check(cut: Cut): void {
    for (const { partition, logVersion, offset } of cut[this.topic] ?? []) {
      const at = { topic: this.topic, partition, logVersion };
      const manifests = this.#catalog.manifests(partition, logVersion);
      const last = manifests.at(-1)?.until ?? 0;
      if (offset > last) throw new MissingManifestError(at, last, offset);
      for (const { first, until } of manifests) if (first < offset && offset < until) throw new CutOffGridError(at, offset, first, until);
    }
  }

  /** The files of the segments below the cut, by event date; with `dates`, of those only. */
  filesByDate(cut: Cut, dates?: ReadonlySet<string>): ReadonlyMap<string, readonly MasterFile[]> {
    const byDate = new Map<string, MasterFile[]>();
    for (const manifest of this.below(cut)) {
      for (const file of manifest.files) {
        if (dates !== undefined && !dates.has(file.date)) continue;
        const same = byDate.get(file.date);
        if (same) same.push({ ...file, manifest });
        else byDate.set(file.date, [{ ...file, manifest }]);
      }
    }
    return new Map([...byDate].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  #committed(is: (manifest: Manifest) => boolean): readonly Manifest[] {
    return this.#catalog.partitions().flatMap(({ partition, logVersion }) => this.#catalog.manifests(partition, logVersion).filter(is));
  }

  #erasedOf(committed: Manifest): readonly number[] {
    return this.#erasures.length === 0 ? [] : erasedOffsets(this.#erasures, committed, committed.first, committed.until);
  }

  /** As it is wanted, or while that was not made, as it was committed. */
  #read(committed: Manifest): Manifest {
    return this.#wanted(committed) ?? committed;
  }

  /** Of several readings that serve, the one with most sketch coordinates: views can then be computed in SQL. */
  #wanted(committed: Manifest): Manifest | undefined {
    const erased = String(this.#erasedOf(committed));
    let best: Manifest | undefined;
    for (const reading of this.readings(committed)) {
      if (reading.streamFingerprint !== this.#fingerprint || String(reading.erased ?? []) !== erased) continue;
      if (best === undefined || reading.coordinates.length > best.coordinates.length) best = reading;
    }
    return best;
  }
}

function isBelow(manifest: Pick<Manifest, "topic" | "logVersion" | "partition" | "until">, cut: Cut): boolean {
  const position = cutOf(cut, manifest.topic, manifest.partition);
  if (position === undefined) return false;
  return manifest.logVersion < position.logVersion || (manifest.logVersion === position.logVersion && manifest.until <= position.offset);
}
