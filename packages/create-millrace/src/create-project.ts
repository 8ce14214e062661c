import { cp, mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { ProjectNameError } from "./project-name-error.js";

const TEMPLATE = fileURLToPath(new URL("../template", import.meta.url));

/** npm leaves these names out of what it packs, or reads them itself. */
const RENAMED: readonly (readonly [inTemplate: string, inProject: string])[] = [
  ["_gitignore", ".gitignore"],
  ["_package.json", "package.json"],
];

export interface CreatedProject {
  /** Absolute. */
  readonly dir: string;
  /** As in its package.json. */
  readonly name: string;
}

/**
 * Writes the template into `dir`, which must not exist or be empty. `millraceVersion` is what the project depends on.
 *
 * @throws {ProjectNameError} for a folder that is not empty, or a name that npm does not accept.
 */
export async function createProject(dir: string, millraceVersion: string): Promise<CreatedProject> {
  const target = path.resolve(dir);
  const name = path.basename(target).toLowerCase();
  if (!/^[a-z0-9][a-z0-9._-]*$/.test(name) || name.length > 214) {
    throw new ProjectNameError(`"${path.basename(target)}" cannot be the name of a package: use letters, digits, "-", "_" and "."`);
  }
  const there = await readdir(target).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    if (error.code === "ENOTDIR") throw new ProjectNameError(`"${target}" is a file: name a folder that does not exist yet`);
    throw error;
  });
  if (there.some((entry) => entry !== ".git")) throw new ProjectNameError(`"${target}" is not empty: name a folder that does not exist yet`);

  await mkdir(target, { recursive: true });
  await cp(TEMPLATE, target, { recursive: true });
  for (const [inTemplate, inProject] of RENAMED) await rename(path.join(target, inTemplate), path.join(target, inProject));
  const file = path.join(target, "package.json");
  const manifest = JSON.parse(await readFile(file, "utf8")) as { dependencies: Record<string, string> };
  const { millrace: _, ...dependencies } = manifest.dependencies;
  await writeFile(file, `${JSON.stringify({ ...manifest, name, dependencies: { millrace: millraceVersion, ...dependencies } }, undefined, 2)}\n`);
  return { dir: target, name };
}
