import type { AnyView } from "@millrace/core";
import type { Lambda } from "../lambda/lambda.js";
import { writeTelemetryLines } from "./telemetry-lines.js";
import { throughputLine } from "./throughput-line.js";

const THROUGHPUT_EVERY_MS = 5_000;

/** One line for each thing worth knowing, and a throughput line every five seconds in which something moved. */
export function printTelemetry(lambda: Pick<Lambda<AnyView>, "observe">, write: (line: string) => void, signal: AbortSignal): void {
  lambda.observe(writeTelemetryLines(write));
  lambda.observe(throughputLine(write, THROUGHPUT_EVERY_MS, signal));
}
