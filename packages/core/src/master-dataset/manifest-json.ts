import { UnreadableFileError } from "../errors/unreadable-file-error.js";
import type { Manifest } from "./manifest.js";

const isNumber = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value);

/** The bytes of a manifest: the same for the same manifest. */
export function encodeManifest(manifest: Manifest): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(manifest)}\n`);
}

/** @throws {UnreadableFileError} when the bytes are no manifest of a known format. */
export function parseManifest(path: string, bytes: Uint8Array): Manifest {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new UnreadableFileError(path, "it is not the JSON of a manifest", { cause });
  }
  const manifest = parsed as Partial<Manifest> | null;
  if (typeof manifest !== "object" || manifest === null || manifest.format !== 1) {
    throw new UnreadableFileError(path, "it is not a manifest of format 1");
  }
  const numbers = [manifest.logVersion, manifest.partition, manifest.first, manifest.until, manifest.previous, manifest.records, manifest.events];
  if (typeof manifest.topic !== "string" || !numbers.every(isNumber) || !Array.isArray(manifest.files) || !Array.isArray(manifest.coordinates)) {
    throw new UnreadableFileError(path, "fields of a manifest are missing");
  }
  return manifest as Manifest;
}
