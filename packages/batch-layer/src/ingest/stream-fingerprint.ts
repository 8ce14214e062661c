import { fingerprintOf, type StreamPlan } from "@millrace/core";

/** A hash over everything that decides what a record becomes in the master files: columns, decoder, bounds. */
export function streamFingerprint({ stream, dimensionColumns }: StreamPlan): string {
  return fingerprintOf({
    columns: Object.entries(stream.columns),
    eventTime: stream.eventTime,
    latenessMs: stream.latenessMs,
    maxPastMs: stream.maxPastMs,
    maxFutureMs: stream.maxFutureMs,
    maxTextBytes: stream.maxTextBytes,
    maxRecordBytes: stream.maxRecordBytes,
    decoded: stream.decode !== undefined,
    decoderVersion: stream.decoderVersion,
    dimensionColumns,
  });
}
