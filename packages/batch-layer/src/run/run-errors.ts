import { MillraceError, type SqlValue } from "@millrace/core";

/** A check of a run failed: nothing was published, the generation before is served. */
export class CheckFailedError extends MillraceError {
  readonly code = "CHECK_FAILED";
  readonly retryable = false;
  readonly check: string;
  /** Up to ten of the rows that failed. */
  readonly rows: readonly (readonly SqlValue[])[];

  constructor(check: string, rows: readonly (readonly SqlValue[])[], detail: string) {
    const shown = rows.map((row) => `(${row.map((value) => (typeof value === "string" ? JSON.stringify(value) : String(value))).join(", ")})`).join(", ");
    super(`checking ${check}: ${detail}${rows.length > 0 ? `: ${shown}` : ""}`, { advice: "nothing was published; the generation before is still served" });
    this.check = check;
    this.rows = rows;
  }
}

/** Another run published first. */
export class PublicationLostError extends MillraceError {
  readonly code = "PUBLICATION_LOST";
  readonly retryable = true;
  readonly number: number;

  constructor(parent: number | null, number: number) {
    super(`publishing generation ${number}: another run published it first, so its parent ${parent ?? "(none)"} is no longer the highest`, {
      advice: "run again: it starts from the newest generation",
    });
    this.number = number;
  }
}

/** Partitions that are not known up to the instant of the cut yet. */
export class CutNotReachedError extends MillraceError {
  readonly code = "CUT_NOT_REACHED";
  readonly retryable = true;
  readonly partitions: readonly string[];

  constructor(cutAt: number, partitions: readonly string[]) {
    super(`cutting at ${new Date(cutAt).toISOString()}: ${partitions.join(", ")} ${partitions.length === 1 ? "is" : "are"} not sealed or quiet that far`, {
      advice: "let ingest run on, or give the run a later deadline",
    });
    this.partitions = partitions;
  }
}

/** An option of a run that cannot be followed. */
export class RunOptionError extends MillraceError {
  readonly code = "RUN_OPTION";
  readonly retryable = false;

  constructor(doing: string, problem: string) {
    super(`${doing}: ${problem}`);
  }
}

/** The speed layer and the master dataset disagree about the records between two cuts. */
export class DriftError extends MillraceError {
  readonly code = "DRIFT";
  readonly retryable = false;
  readonly views: readonly string[];

  constructor(views: readonly { readonly view: string; readonly total: number; readonly first: string }[]) {
    super(`reconciling with the speed layer: ${views.map(({ view, total, first }) => `"${view}" differs in ${total} cells, first ${first}`).join("; ")}`, {
      advice: "nothing was published: one of the layers lost or repeated records. Compare them with `reconcile`; `full` rebuilds every date",
    });
    this.views = views.map(({ view }) => view);
  }
}

/** Segments that another declaration of their stream wrote cannot be read by the present one. */
export class StreamChangedError extends MillraceError {
  readonly code = "STREAM_CHANGED";
  readonly retryable = false;

  constructor(topic: string, problem: string) {
    super(`reading the master dataset of "${topic}" again: ${problem}`, {
      advice:
        "nothing was published. Declare the stream as before; where events are to become dead letters, run with --accept-dead-letters; where files do not hold what is needed, ingest the topic into a new master dataset",
    });
  }
}

/** Rows of the speed layer that answers after a rollback would need are gone. */
export class RollbackNotCoveredError extends MillraceError {
  readonly code = "ROLLBACK_NOT_COVERED";
  readonly retryable = false;

  constructor(number: number, gaps: readonly string[]) {
    super(`rolling back to generation ${number}: the speed layer no longer covers ${gaps.join(", ")}`, {
      advice: "answers would be refused until the next run: run the batch layer with a cut instead",
    });
  }
}
