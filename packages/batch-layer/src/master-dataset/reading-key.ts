import { coordinateName, fingerprintOf, streamIdentity, type StreamPlan } from "@millrace/core";

/** Raised when the files of one declaration come out with other bytes: those that are there are then never written over. */
const FILES_VERSION = 1;

/**
 * What a segment's files are named after: all that they are a function of, beside its records. So processes of different
 * declarations never write the same file, and one that comes again writes what it wrote.
 */
export function readingKey({ stream, coordinates }: StreamPlan, keepRaw: boolean, erased: readonly number[]): string {
  return fingerprintOf({ files: FILES_VERSION, stream: streamIdentity(stream), coordinates: coordinates.map(coordinateName), keepRaw, erased });
}
