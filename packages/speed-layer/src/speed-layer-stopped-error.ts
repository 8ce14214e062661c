import { MillraceError } from "@millrace/core";

/** The speed layer was stopped before it had caught up. */
export class SpeedLayerStoppedError extends MillraceError {
  readonly code = "SPEED_LAYER_STOPPED";
  readonly retryable = true;

  constructor() {
    super("waiting for the speed layer to catch up: it was stopped");
  }
}
