import { EMPTY_CUT, ManifestCatalog, cutOf, readCurrentNumber, readGeneration } from "@millrace/core";
import type { Cut, FileSystem, LogPartition } from "@millrace/core";
import { StaleLogVersionError } from "./stale-log-version-error.js";

/** What the batch layer has told about one topic: ends of manifests and the current cut. */
export class TopicWorld {
  readonly #files: FileSystem;
  readonly #topic: string;
  readonly #catalog: ManifestCatalog;
  #generation: number | null = null;
  #cut: Cut = EMPTY_CUT;
  #version = 0;

  constructor(files: FileSystem, topic: string) {
    this.#files = files;
    this.#topic = topic;
    this.#catalog = new ManifestCatalog(files, topic);
  }

  /** Grows with every change, so that who computed something from this world can tell whether it still stands. */
  get version(): number {
    return this.#version;
  }

  /** Reads what is new. True when there was a manifest, a generation or a rollback. */
  async refresh(signal: AbortSignal): Promise<boolean> {
    // The pointer first: a generation's manifests were there before it, so its cut is never ahead of the ends known here.
    const number = await readCurrentNumber(this.#files, signal);
    const switched = number !== this.#generation;
    const cut = !switched ? this.#cut : number === null ? EMPTY_CUT : (await readGeneration(this.#files, number, signal)).cut;
    const manifests = await this.#catalog.refresh(signal);
    this.#generation = number;
    this.#cut = cut;
    const changed = switched || manifests.length > 0;
    if (changed) this.#version++;
    return changed;
  }

  /** Ends of the partition's manifests, growing. */
  ends({ partition, logVersion }: LogPartition): readonly number[] {
    return this.#catalog.ends(partition, logVersion);
  }

  /**
   * Below this offset the partition is batch. A partition that the cut does not know, or knows under an earlier log
   * version, is all speed, from its origin.
   *
   * @throws {StaleLogVersionError} when the cut knows it under a later log version.
   */
  cut(partition: LogPartition, origin: number): number {
    const position = cutOf(this.#cut, this.#topic, partition.partition);
    if (position === undefined || position.logVersion < partition.logVersion) return origin;
    if (position.logVersion > partition.logVersion) throw new StaleLogVersionError(partition, position.logVersion);
    return position.offset;
  }
}
