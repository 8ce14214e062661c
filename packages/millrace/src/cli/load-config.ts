import { MillraceError, type AnyView } from "@millrace/core";
import { createJiti } from "jiti";
import { existsSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { Lambda } from "../lambda/lambda.js";

/** Names looked for, in this order. */
export const CONFIG_NAMES = ["millrace.config.ts", "millrace.config.mts", "millrace.config.js", "millrace.config.mjs"] as const;

/** The configuration file is missing or is not one. */
export class ConfigFileError extends MillraceError {
  readonly code = "CONFIG_FILE";
  readonly retryable = false;
}

/** Loads the lambda that a configuration file exports by default. TypeScript runs on any supported Node. */
export async function loadConfig(file: string | undefined, cwd: string = process.cwd()): Promise<Lambda<AnyView>> {
  const found = file === undefined ? CONFIG_NAMES.map((name) => path.resolve(cwd, name)).find((name) => existsSync(name)) : path.resolve(cwd, file);
  if (found === undefined || !existsSync(found)) {
    throw new ConfigFileError(`looking for ${file === undefined ? `${CONFIG_NAMES[0]} in "${cwd}"` : `"${file}"`}: there is none`, {
      advice: "run the command in the folder of your configuration file, or name it with --config FILE",
    });
  }
  const loaded = await createJiti(pathToFileURL(found).href).import<Lambda<AnyView>>(found, { default: true });
  if (typeof (loaded as Partial<Lambda<AnyView>> | undefined)?.query !== "function") {
    throw new ConfigFileError(`reading "${found}": its default export is not a lambda`, { advice: "export default createLambda({ ... })" });
  }
  return loaded;
}
