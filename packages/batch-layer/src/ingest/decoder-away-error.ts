import { MillraceError } from "@millrace/core";

/** What a stream's decoder needs stayed away for as long as ingest waits. Nothing was skipped: the next start goes on here. */
export class DecoderAwayError extends MillraceError {
  readonly code = "DECODER_AWAY";
  readonly retryable = false;

  /** `doing` is what was waited for, in lower case. */
  constructor(doing: string, waitedMs: number, cause: unknown) {
    super(`${doing}: given up after ${waitedMs / 60_000} minutes`, { cause, advice: "bring back what the decoder asks, such as the schema registry, and start again" });
  }
}
