import type { Telemetry, TelemetryEvent } from "@millrace/core";
import { describeError } from "./report-error.js";

const count = (n: number): string => n.toLocaleString("en-US");
const plural = (n: number, word: string): string => `${count(n)} ${word}${n === 1 ? "" : "s"}`;

/** One line for an event worth knowing, or undefined. */
export function telemetryLine(event: TelemetryEvent): string | undefined {
  switch (event.type) {
    case "WorkerStarted":
      return `speed: ${event.topic}/${event.partition} reads from offset ${count(event.position)} (${event.reason})`;
    case "WorkerGap":
      return `speed: GAP in ${event.topic}/${event.partition} from offset ${count(event.from)}: ${event.reason}`;
    case "PartitionsShared":
      return `speed: works on ${event.owned.length === 0 ? "no partition" : event.owned.join(", ")} in group "${event.group}"`;
    case "ManifestCommitted":
      return `ingest: segment sealed ${event.topic}/${event.partition} ${event.segment}, ${plural(event.records, "record")} in ${plural(event.files, "file")}${event.deadLetters > 0 ? `, ${plural(event.deadLetters, "dead letter")}` : ""}`;
    case "GenerationPublished":
      return `batch: generation ${event.number} published (${event.kind}), ${plural(event.rows, "row")} in ${plural(event.dates, "table date")}, ${count(Math.round(event.durationMs))} ms, drift ${event.drift === "none" ? "0" : "not comparable"}`;
    case "RunFailed":
      return `batch: run failed\n${describeError(event.error)}`;
    case "DeadLettersFound":
      return `dead letters: ${plural(event.count, "record")} of ${event.topic}/${event.partition} from offset ${count(event.firstOffset)} (${event.reason})`;
    case "RetryScheduled":
      return `retry ${event.attempt} of ${event.operation} in ${Math.round(event.delayMs)} ms: ${describeError(event.error)}`;
    case "Warning":
      return `warning: ${event.message} [${event.code}]`;
    case "Flushed":
    case "SegmentSealed":
    case "SinkBatchWritten":
    case "RunStarted":
    case "RunStep":
      return undefined;
  }
}

/** A subscriber that writes those lines. */
export const writeTelemetryLines =
  (write: (line: string) => void): Telemetry =>
  (event) => {
    const line = telemetryLine(event);
    if (line !== undefined) write(line);
  };
