import { GridMismatchError, readGridRecord, topicGrid, type FileSystem, type Grid, type GridRecord, type TopicDescription } from "@millrace/core";

/** Grid records, each read once: they never change once written. */
export class GridRecords {
  readonly #files: FileSystem;
  readonly #known = new Map<string, GridRecord>();

  readonly #grid: Grid | undefined;

  /** `grid`: that of this process, which every record must have. */
  constructor(files: FileSystem, grid?: Grid) {
    this.#files = files;
    this.#grid = grid;
  }

  /**
   * The record of a partition, or null when Millrace never read it.
   *
   * @throws {GridMismatchError} when it was cut on another grid than this process has.
   */
  async of(description: TopicDescription, partition: number, signal: AbortSignal): Promise<GridRecord | null> {
    const { topic } = description;
    const key = `${topic}/${partition}`;
    const known = this.#known.get(key);
    if (known) return known;
    const record = await readGridRecord(this.#files, topic, partition, signal);
    if (record === null) return null;
    if (this.#grid !== undefined) compare(record, topicGrid(description, this.#grid));
    this.#known.set(key, record);
    return record;
  }
}

function compare({ topic, partition, grid }: GridRecord, own: Grid): void {
  if (grid.segmentOffsets !== own.segmentOffsets) throw new GridMismatchError(topic, partition, "segment length in offsets", grid.segmentOffsets, own.segmentOffsets);
  if (grid.segmentMs !== own.segmentMs) throw new GridMismatchError(topic, partition, "segment length in ms", grid.segmentMs, own.segmentMs);
}
