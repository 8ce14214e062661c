import { EMPTY_CUT, ManifestCatalog, ServedGenerations, cutOf } from "@millrace/core";
import type { Clock, Cut, FileSystem, Generation, LogPartition, ViewDefinition } from "@millrace/core";
import { StaleLogVersionError } from "./stale-log-version-error.js";

export interface TopicWorldOptions {
  readonly files: FileSystem;
  /** Views of one topic. */
  readonly views: readonly ViewDefinition[];
  readonly clock: Clock;
  readonly speedRetentionMs: number;
}

/** What the batch layer has told about one topic: ends of manifests, and the cuts of its views. */
export class TopicWorld {
  readonly #options: TopicWorldOptions;
  readonly #topic: string;
  readonly #catalog: ManifestCatalog;
  readonly #generations: ServedGenerations;
  #generation: number | null = null;
  /** In the order of the views: the cut of the generation that serves each, where that is not the current one. */
  #earlier: readonly (Cut | undefined)[];
  #current: Cut = EMPTY_CUT;
  #version = 0;

  constructor(topic: string, options: TopicWorldOptions) {
    this.#options = options;
    this.#topic = topic;
    this.#catalog = new ManifestCatalog(options.files, topic);
    this.#generations = new ServedGenerations(options.files);
    this.#earlier = options.views.map(() => undefined);
  }

  /** Grows with every change, so that who computed something from this world can tell whether it still stands. */
  get version(): number {
    return this.#version;
  }

  /** Reads what is new. True when there was a manifest, a generation or a rollback. */
  async refresh(signal: AbortSignal): Promise<boolean> {
    // The pointer first: a generation's manifests were there before it, so its cut is never ahead of the ends known here.
    const current = await this.#generations.current(signal);
    const number = current?.number ?? null;
    const switched = number !== this.#generation;
    const earlier = switched && current !== null ? await Promise.all(this.#options.views.map((view) => this.#earlierCut(view, current, signal))) : this.#earlier;
    const manifests = await this.#catalog.refresh(signal);
    this.#generation = number;
    this.#current = current?.cut ?? EMPTY_CUT;
    this.#earlier = earlier;
    const changed = switched || manifests.length > 0;
    if (changed) this.#version++;
    return changed;
  }

  /** Ends of the partition's manifests, growing. */
  ends({ partition, logVersion }: LogPartition): readonly number[] {
    return this.#catalog.ends(partition, logVersion);
  }

  /**
   * Below this offset the partition is batch in the current generation. A partition that its cut does not know, or knows
   * under an earlier log version, is all speed, from its origin.
   *
   * @throws {StaleLogVersionError} when the cut knows it under a later log version.
   */
  cut(partition: LogPartition, origin: number): number {
    return this.#offset(this.#current, partition, origin);
  }

  /**
   * Where the answers of each view, in order, begin to be speed: as {@link cut}, but for a view that the current
   * generation does not have as it is declared here, while an older one serves it. Older cuts at or below `lost` count
   * no more: the records above them are gone.
   */
  cuts(partition: LogPartition, origin: number, lost: number): readonly number[] {
    const current = this.cut(partition, origin);
    return this.#earlier.map((cut) => {
      const earlier = cut === undefined ? current : this.#offset(cut, partition, origin);
      return earlier <= lost ? current : earlier;
    });
  }

  #offset(cut: Cut, partition: LogPartition, origin: number): number {
    const position = cutOf(cut, this.#topic, partition.partition);
    if (position === undefined || position.logVersion < partition.logVersion) return origin;
    if (position.logVersion > partition.logVersion) throw new StaleLogVersionError(partition, position.logVersion);
    return position.offset;
  }

  /** A view that no generation has will be built at the current cut or above. */
  async #earlierCut(view: ViewDefinition, current: Generation, signal: AbortSignal): Promise<Cut | undefined> {
    const { clock, speedRetentionMs } = this.#options;
    const served = await this.#generations.of(view, current, signal);
    if (served === undefined || served.number === current.number) return undefined;
    // A view that comes back after long would only lead into records that are too old to write.
    return served.publishedAt + speedRetentionMs / 2 < clock.now() ? undefined : served.cut;
  }
}
