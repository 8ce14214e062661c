import type { TelemetryEvent } from "@millrace/core";
import { toJson } from "./print.js";
import { describeError } from "./report-error.js";

/** An event as one JSON line: when, what, and its fields. An error is its text with causes, as a person reads it. */
export function telemetryJson(event: TelemetryEvent, at: Date): string {
  const { type, ...fields } = event;
  return toJson({ at: at.toISOString(), type, ...fields, ...("error" in fields ? { error: describeError(fields.error) } : {}) });
}
