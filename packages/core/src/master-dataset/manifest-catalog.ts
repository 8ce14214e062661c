import type { LogPartition } from "../log/position.js";
import type { FileSystem } from "../ports/file-system.js";
import { readGridRecord } from "./grid-record.js";
import { parseManifest } from "./manifest-json.js";
import { manifestFolder } from "./manifest-path.js";
import type { Manifest } from "./manifest.js";
import { MissingManifestError } from "./missing-manifest-error.js";

/** Manifests read at the same time. */
const CONCURRENT_READS = 16;

const keyOf = (partition: number, logVersion: number) => `v${logVersion}-p${partition}`;

/**
 * The committed segments of one topic. Manifests are immutable, so each is read once; `refresh` lists what is there and
 * reads what is new. Memory: one object a segment.
 */
export class ManifestCatalog {
  readonly #files: FileSystem;
  readonly #topic: string;
  readonly #seen = new Set<string>();
  readonly #byPartition = new Map<string, Manifest[]>();
  readonly #origins = new Map<string, number>();

  constructor(files: FileSystem, topic: string) {
    this.#files = files;
    this.#topic = topic;
  }

  get topic(): string {
    return this.#topic;
  }

  /**
   * Takes in the manifests committed since the last call and returns them, in path order. When it throws, nothing was
   * taken in.
   *
   * @throws {MissingManifestError} when the manifests of a partition do not follow each other from its origin on.
   * @throws {UnreadableFileError} when one is torn.
   */
  async refresh(signal: AbortSignal): Promise<readonly Manifest[]> {
    const found = new Map<string, Manifest>();
    // A listing is no snapshot: one that runs while manifests are committed may name a later one and miss an earlier.
    for (let attempt = 1; ; attempt++) {
      await this.#readUnseen(found, signal);
      try {
        return await this.#takeIn(found, signal);
      } catch (error) {
        if (attempt === 2 || !(error instanceof MissingManifestError)) throw error;
      }
    }
  }

  /** The partitions that have manifests, in no particular order. */
  partitions(): readonly LogPartition[] {
    return [...this.#byPartition.values()].map(([first]) => ({ topic: this.#topic, logVersion: first!.logVersion, partition: first!.partition }));
  }

  /** The committed segments of a partition in offset order: each one's `previous` is the `until` of the one before. */
  manifests(partition: number, logVersion: number): readonly Manifest[] {
    return this.#byPartition.get(keyOf(partition, logVersion)) ?? [];
  }

  /** The `until`s of a partition's manifests, growing: where segments end whatever the grid says. */
  ends(partition: number, logVersion: number): readonly number[] {
    return this.manifests(partition, logVersion).map(({ until }) => until);
  }

  async #readUnseen(found: Map<string, Manifest>, signal: AbortSignal): Promise<void> {
    const listed = await this.#files.list(manifestFolder(this.#topic), signal);
    const paths = listed.map(({ path }) => path).filter((path) => path.endsWith(".json") && !this.#seen.has(path) && !found.has(path));
    for (let i = 0; i < paths.length; i += CONCURRENT_READS) {
      const some = paths.slice(i, i + CONCURRENT_READS);
      const contents = await Promise.all(some.map((path) => this.#files.read(path, signal)));
      some.forEach((path, j) => found.set(path, parseManifest(path, contents[j]!)));
    }
  }

  async #takeIn(found: ReadonlyMap<string, Manifest>, signal: AbortSignal): Promise<readonly Manifest[]> {
    const fresh = new Map<string, Manifest[]>();
    for (const manifest of found.values()) {
      const key = keyOf(manifest.partition, manifest.logVersion);
      const same = fresh.get(key);
      if (same) same.push(manifest);
      else fresh.set(key, [manifest]);
    }
    for (const [key, added] of fresh) {
      const { partition, logVersion } = added[0]!;
      if (this.#origins.has(key)) continue;
      const record = await readGridRecord(this.#files, this.#topic, partition, signal);
      // Without its record nobody knows where the partition began: everything before the first manifest is unaccounted.
      if (record === null) throw new MissingManifestError({ topic: this.#topic, partition, logVersion }, 0, added[0]!.previous);
      this.#origins.set(key, record.origin);
    }
    const merged = new Map<string, Manifest[]>();
    for (const [key, added] of fresh) {
      const known = this.#byPartition.get(key) ?? [];
      const knownFirsts = new Set(known.map(({ first }) => first));
      const all = [...known, ...added.filter(({ first }) => !knownFirsts.has(first))].sort((a, b) => a.first - b.first);
      let position = this.#origins.get(key)!;
      for (const manifest of all) {
        if (manifest.previous !== position) {
          throw new MissingManifestError(manifest, position, Math.max(position, manifest.previous));
        }
        position = manifest.until;
      }
      merged.set(key, all);
    }
    for (const [key, all] of merged) this.#byPartition.set(key, all);
    for (const path of found.keys()) this.#seen.add(path);
    return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, manifest]) => manifest);
  }
}
