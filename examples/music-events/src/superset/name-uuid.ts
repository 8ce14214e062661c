import { createHash } from "node:crypto";

const NAMESPACE = Buffer.from("6f2a7f0e5c0b5a689d552c1f3a0d7e11", "hex");

/** The UUID of a name, version 5 of RFC 9562: the same name gives the same one always, so that an import replaces what the one before has made. */
export function nameUuid(...name: readonly string[]): string {
  const bytes = createHash("sha1").update(NAMESPACE).update(name.join("/")).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x50;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
