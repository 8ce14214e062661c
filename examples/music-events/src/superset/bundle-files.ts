import { strToU8, zipSync } from "fflate";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Bundle } from "./bundle.js";

/** The folders of a bundle. */
const FOLDERS = ["charts", "dashboards", "databases", "datasets"];

const textOf = (content: object): string => `${JSON.stringify(content, undefined, 2)}\n`;

/** The texts of a bundle's files by their paths. */
export const bundleTexts = (bundle: Bundle): Readonly<Record<string, string>> => Object.fromEntries(Object.entries(bundle).map(([file, content]) => [file, textOf(content)]));

/** A bundle as Superset takes it: everything in one folder. The same bundle is the same bytes. */
export const bundleZip = (bundle: Bundle): Uint8Array<ArrayBuffer> =>
  zipSync(Object.fromEntries(Object.entries(bundleTexts(bundle)).map(([file, text]) => [`music_events/${file}`, strToU8(text)])), { mtime: "2026-01-01T00:00:00Z" });

/** Writes a bundle's files into a folder, in the place of those of the one before. */
export function writeBundle(bundle: Bundle, dir: string): void {
  for (const folder of FOLDERS) rmSync(path.join(dir, folder), { recursive: true, force: true });
  for (const [file, text] of Object.entries(bundleTexts(bundle))) {
    mkdirSync(path.dirname(path.join(dir, file)), { recursive: true });
    writeFileSync(path.join(dir, file), text);
  }
}
