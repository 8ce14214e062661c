import { fileURLToPath } from "node:url";

const CONFIG = fileURLToPath(new URL("./superset_config.py", import.meta.url));

/** Variables that Superset runs with. `home`: the folder of its own database and of what it caches. */
export const supersetEnvironment = (home: string, secret: string): Readonly<Record<string, string>> => ({
  SUPERSET_HOME: home,
  SUPERSET_CONFIG_PATH: CONFIG,
  MILLRACE_SUPERSET_SECRET: secret,
  FLASK_APP: "superset",
  NO_COLOR: "1",
  // Compiled code beside its settings would be found by who packs or commits them.
  PYTHONDONTWRITEBYTECODE: "1",
});
