/** One thing that `doctor` tried, and what came of it. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  /** What to do, where it is not ok. */
  readonly advice?: string;
}
