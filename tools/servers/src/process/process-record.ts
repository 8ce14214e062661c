/** Names one process for ever. */
export interface ProcessRecord {
  readonly pid: number;
  /** When it began; see `startMark`. */
  readonly mark: string;
}
