import type { AnyView } from "@millrace/core";
import type { Command } from "commander";
import { DATA_DIR_VARIABLE } from "../embedded/data-dir.js";
import type { Lambda } from "../lambda/lambda.js";
import { loadConfig } from "./load-config.js";

export interface GlobalOptions {
  readonly config?: string;
  readonly data?: string;
}

/** Loads the lambda that the command's global options name, runs `job`, and closes the lambda whatever happens. */
export async function withLambda<T>(command: Command, job: (lambda: Lambda<AnyView>) => Promise<T>): Promise<T> {
  const { config, data } = command.optsWithGlobals<GlobalOptions>();
  // The configuration names the directory; `embedded` looks here first.
  if (data !== undefined) process.env[DATA_DIR_VARIABLE] = data;
  const lambda = await loadConfig(config);
  try {
    return await job(lambda);
  } finally {
    await lambda.close();
  }
}
