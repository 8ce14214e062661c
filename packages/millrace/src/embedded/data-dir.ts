import path from "node:path";

/** The environment variable that overrides every embedded data directory: how `--data DIR` reaches a configuration file. */
export const DATA_DIR_VARIABLE = "MILLRACE_DATA";

/** The data directory to use where the configuration names `dir`, absolute. */
export const resolveDataDir = (dir: string): string => path.resolve(process.env[DATA_DIR_VARIABLE] || dir);
