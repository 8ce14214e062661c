// Builds every package in dependency order. `--quiet` prints nothing unless the build fails.
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { root } from "./packages.mjs";

const quiet = process.argv.includes("--quiet");
const turbo = createRequire(import.meta.url).resolve("turbo/bin/turbo");
const result = spawnSync(process.execPath, [turbo, "run", "build", "--concurrency=2", "--output-logs=new-only", "--log-prefix=task"], {
  cwd: root,
  env: { ...process.env, TURBO_TELEMETRY_DISABLED: "1", TURBO_NO_UPDATE_NOTIFIER: "1" },
  stdio: quiet ? "pipe" : "inherit",
  encoding: "utf8",
});
if (result.error) throw result.error;
if (quiet && result.status !== 0) process.stderr.write(result.stdout + result.stderr);
process.exitCode = result.status ?? 1;
