import { cutOf, ManifestCatalog, MissingManifestError, type Cut, type CutPosition, type FileSystem, type LogPartition, type Manifest, type ManifestFile } from "@millrace/core";
import { CutOffGridError } from "./cut-off-grid-error.js";

/** A file of the master dataset with the segment it belongs to. */
export interface MasterFile extends ManifestFile {
  readonly manifest: Manifest;
}

/** The committed segments of one topic, as a run reads them. Memory: the manifests. */
export class TopicDataset {
  readonly #catalog: ManifestCatalog;

  constructor(files: FileSystem, readonly topic: string) {
    this.#catalog = new ManifestCatalog(files, topic);
  }

  async refresh(signal: AbortSignal): Promise<void> {
    await this.#catalog.refresh(signal);
  }

  /** The committed segments of a partition, in offset order. */
  manifests({ partition, logVersion }: LogPartition): readonly Manifest[] {
    return this.#catalog.manifests(partition, logVersion);
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
    return this.#all().filter((manifest) => isBelow(manifest, cut));
  }

  /** The segments that one of the cuts includes and the other does not. */
  between(a: Cut, b: Cut): readonly Manifest[] {
    return this.#all().filter((manifest) => isBelow(manifest, a) !== isBelow(manifest, b));
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

  #all(): readonly Manifest[] {
    return this.#catalog.partitions().flatMap(({ partition, logVersion }) => this.#catalog.manifests(partition, logVersion));
  }
}

function isBelow(manifest: Manifest, cut: Cut): boolean {
  const position = cutOf(cut, manifest.topic, manifest.partition);
  if (position === undefined) return false;
  return manifest.logVersion < position.logVersion || (manifest.logVersion === position.logVersion && manifest.until <= position.offset);
}
