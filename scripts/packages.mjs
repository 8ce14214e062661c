// The one place that knows which packages are published and which entry points they have.
// Everything is read from the package.json files, so that a new subpath needs one edit only.
import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import path from "node:path";

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");

/**
 * @typedef {object} EntryPoint
 * @property {string} specifier what a user imports, for example `@millrace/core/memory`
 * @property {string} name path inside `dist` without ending, for example `memory/index`
 * @property {string} source absolute path of the TypeScript file
 */

/**
 * @typedef {object} Package
 * @property {string} name
 * @property {string} dir
 * @property {Record<string, string>} bin
 * @property {EntryPoint[]} entryPoints
 */

/** @param {string} dir @returns {Package} */
export function readPackage(dir) {
  /** @type {{ name: string, bin?: Record<string, string>, exports: Record<string, unknown> }} */
  const json = JSON.parse(readFileSync(path.join(dir, "package.json"), "utf8"));
  const entryPoints = Object.keys(json.exports)
    .filter((subpath) => subpath !== "./package.json")
    .map((subpath) => {
      const name = subpath === "." ? "index" : `${subpath.slice(2)}/index`;
      return { specifier: json.name + subpath.slice(1), name, source: path.join(dir, "src", `${name}.ts`) };
    });
  return { name: json.name, dir, bin: json.bin ?? {}, entryPoints };
}

/** @returns {Package[]} every published package */
export function readPackages() {
  const parent = path.join(root, "packages");
  return readdirSync(parent, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => readPackage(path.join(parent, entry.name)));
}
