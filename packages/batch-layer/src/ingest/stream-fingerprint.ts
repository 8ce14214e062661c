import { fingerprintOf, streamIdentity, type StreamPlan } from "@millrace/core";

/** A hash over what decides which events a stream's records give: kept in manifests, so that a changed stream is noticed. */
export function streamFingerprint({ stream }: StreamPlan): string {
  return fingerprintOf(streamIdentity(stream));
}
