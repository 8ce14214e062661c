import envPaths from "env-paths";
import path from "node:path";

/** Where servers are installed: `MILLRACE_SERVERS_CACHE`, else `millrace/servers` in the user's cache directory. */
export function cacheDir(env: NodeJS.ProcessEnv = process.env): string {
  const named = env["MILLRACE_SERVERS_CACHE"];
  return named === undefined || named === "" ? path.join(envPaths("millrace", { suffix: "" }).cache, "servers") : path.resolve(named);
}
