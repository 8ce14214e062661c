import type { StreamDefinition } from "./stream-definition.js";

/** What of a stream decides which events its records give: the part of fingerprints that speaks of it. */
export function streamIdentity(stream: StreamDefinition): unknown {
  const { topic, columns, eventTime, latenessMs, maxPastMs, maxFutureMs, maxTextBytes, maxRecordBytes, decode, decoderVersion } = stream;
  return {
    topic,
    // As a list: their order is that of the master files' columns.
    columns: Object.entries(columns),
    eventTime,
    latenessMs,
    maxPastMs,
    maxFutureMs,
    maxTextBytes,
    maxRecordBytes,
    decoded: decode !== undefined,
    decoderVersion,
  };
}
