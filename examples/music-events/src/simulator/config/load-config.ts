import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { ConfigError } from "./config-error.js";
import { readConfig } from "./read-config.js";
import type { SimulatorConfig } from "./simulator-config.js";

/** The configurations that come with the example, files of the folder `config`. */
export const CONFIG_NAMES: readonly string[] = ["example", "alt"];

/**
 * The configuration of that name, or of that file.
 *
 * @throws {ConfigError} also when there is no such file.
 */
export function loadConfig(nameOrPath: string): SimulatorConfig {
  const path = CONFIG_NAMES.includes(nameOrPath) ? fileURLToPath(new URL(`../../../config/${nameOrPath}.json`, import.meta.url)) : nameOrPath;
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code === "ENOENT" ? `there is no such file, and the names are ${CONFIG_NAMES.join(" and ")}` : (error as Error).message;
    throw new ConfigError(nameOrPath, [{ path: "$", message: why }], error);
  }
  return readConfig(text, nameOrPath);
}
