import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";

/** A file of the live page, as it is served. */
export interface PageFile {
  /** `/assets/app-1A2B3C4D.js`; the page itself is `/`. */
  readonly url: string;
  readonly type: string;
  readonly body: Buffer;
  /** Whether its name changes with its content. */
  readonly immutable: boolean;
}

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".woff2": "font/woff2",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
};

/** Reads the bundle that the build of this package made. Undefined where it is not there: not built, or bundled away. */
export async function readPageFiles(dir = bundleDir()): Promise<readonly PageFile[] | undefined> {
  if (dir === undefined) return undefined;
  try {
    const names = await readdir(path.join(dir, "assets"));
    const read = async (url: string, file: string): Promise<PageFile> => ({
      url,
      type: TYPES[path.extname(file)] ?? "application/octet-stream",
      body: await readFile(path.join(dir, file)),
      immutable: url.startsWith("/assets/"),
    });
    return await Promise.all([read("/", "index.html"), ...names.map((name) => read(`/assets/${name}`, path.join("assets", name)))]);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** By the package's own name: this module is at other places in its sources and in what is built of them. */
function bundleDir(): string | undefined {
  try {
    return path.join(path.dirname(createRequire(import.meta.url).resolve("@millrace/serving-layer/package.json")), "dist", "page");
  } catch {
    return undefined;
  }
}
