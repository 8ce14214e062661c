import { readdir } from "node:fs/promises";
import path from "node:path";
import { root } from "../packages.mjs";

/** What is made, installed or kept by programs. */
const LEFT_OUT = new Set(["node_modules", "dist", "data", "api", "coverage"]);

async function filesIn(folder: string, wanted: (name: string) => boolean): Promise<readonly string[]> {
  const entries = await readdir(path.join(root, folder), { withFileTypes: true });
  const found = await Promise.all(
    entries.map(async (entry): Promise<readonly string[]> => {
      const file = path.posix.join(folder, entry.name);
      if (entry.name.startsWith(".") || LEFT_OUT.has(entry.name)) return [];
      if (entry.isDirectory()) return filesIn(file, wanted);
      return entry.isFile() && wanted(entry.name) ? [file] : [];
    }),
  );
  return found.flat().sort();
}

/** Every Markdown page of the repository, as a path from its root. */
export const markdownPages = (): Promise<readonly string[]> => filesIn("", (name) => name.endsWith(".md"));

/** Every source file of the repository, as a path from its root: what is made of code is named here. */
export const sourceFiles = (): Promise<readonly string[]> => filesIn("", (name) => /\.(ts|tsx|mjs|js|cjs)$/.test(name));
