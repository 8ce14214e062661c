import type { ModelRecord } from "./model-log.js";
import { PARTITIONS } from "./parameters.js";

export interface ModelManifest {
  readonly partition: number;
  readonly first: number;
  readonly until: number;
  readonly previous: number;
  readonly records: number;
  readonly deadLetters: number;
  /** Names of the files by event date, with their number of events. */
  readonly files: ReadonlyMap<number, { readonly name: string; readonly events: number }>;
}

/** The sealed segments: ends that were fixed, files of events by date, and the manifests that commit them. */
export class MasterDatasetModel {
  readonly files = new Map<string, readonly ModelRecord[]>();
  readonly #ends = new Map<string, number>();
  readonly #manifests: ModelManifest[][] = Array.from({ length: PARTITIONS }, () => []);

  /** In offset order. */
  manifests(partition: number): readonly ModelManifest[] {
    return this.#manifests[partition]!;
  }

  /** Where the next segment's `previous` is: the `until` of the last manifest, or the origin. */
  sealedUntil(partition: number): number {
    return this.#manifests[partition]!.at(-1)?.until ?? 0;
  }

  ends(partition: number): readonly number[] {
    return this.#manifests[partition]!.map(({ until }) => until);
  }

  fixedEnd(partition: number, first: number): number | undefined {
    return this.#ends.get(`${partition}/${first}`);
  }

  /** Create-without-overwrite; what stands there counts. */
  fixEnd(partition: number, first: number, end: number): number {
    const key = `${partition}/${first}`;
    const fixed = this.#ends.get(key);
    if (fixed !== undefined) return fixed;
    this.#ends.set(key, end);
    return end;
  }

  /** Create-without-overwrite: false when the segment has a manifest. */
  commit(manifest: ModelManifest): boolean {
    if (manifest.first < this.sealedUntil(manifest.partition)) return false;
    this.#manifests[manifest.partition]!.push(manifest);
    return true;
  }
}
