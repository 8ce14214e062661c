import { randomBytes } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, writeFileSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { NotReadyError } from "../errors/not-ready-error.js";
import { NotYetError } from "../errors/not-yet-error.js";
import { pythonOf } from "../install/install-python.js";
import type { NodePlan } from "../instance/node-plan.js";
import type { Place, ServerKind } from "../instance/server-kind.js";
import { runProgram } from "../process/run-program.js";
import type { AirflowOptions } from "./airflow-options.js";
import { AIRFLOW_PASSWORD, AIRFLOW_USER } from "./airflow-options.js";
import { installAirflow } from "./install-airflow.js";

const HOST = "127.0.0.1";
const LOCAL_SETTINGS = fileURLToPath(new URL("./airflow_local_settings.py", import.meta.url));

/**
 * Airflow 3 as three processes. Not `airflow standalone`: it starts servers of logs that listen on all interfaces. No
 * triggerer: tasks that wait do so by being scheduled again.
 */
export const airflowKind: ServerKind<AirflowOptions> = {
  name: "airflow",
  install: installAirflow,
  java: { from: 17, to: 17 },
  tools: async (signal, options) => ({ java: "", jars: await installAirflow(options, signal) }),
  // The first of them makes the database.
  startsInTurn: true,
  shape: () => ({}),
  ports: ({ port }) => ({ web: { port, hosts: [HOST] } }),
  prepare(_options, { runDir }) {
    const home = homeOf(runDir);
    mkdirSync(path.join(home, "config"), { recursive: true });
    mkdirSync(path.join(home, "dags"), { recursive: true });
    copyFileSync(LOCAL_SETTINGS, path.join(home, "config", "airflow_local_settings.py"));
    writeFileSync(path.join(home, "simple_auth_manager_passwords.json.generated"), `${JSON.stringify({ [AIRFLOW_USER]: AIRFLOW_PASSWORD })}\n`);
    const secret = secretFile(home);
    if (!existsSync(secret)) writeFileSync(secret, randomBytes(48).toString("hex"), { mode: 0o600 });
    return Promise.resolve();
  },
  nodes: (options, place) => [
    nodePlan("api-server", [], "metadatabase", options, place),
    nodePlan("scheduler", ["--skip-serve-logs"], "scheduler", options, place),
    nodePlan("dag-processor", [], "dag_processor", options, place),
  ],
};

function nodePlan(program: string, args: readonly string[], part: string, options: AirflowOptions, place: Place): NodePlan {
  const dir = path.join(place.runDir, program);
  const port = place.ports["web"]!;
  return {
    name: `airflow-${program}`,
    dir,
    logFiles: [],
    ports: program === "api-server" ? [port] : [],
    graceMs: 20_000,
    async prepare({ jars }, signal) {
      const command = { file: pythonOf(jars), cwd: dir, env: airflowEnvironment(options, place) };
      if (program === "api-server") {
        // Takes nothing away where it is as it should be.
        const { code, lines } = await runProgram({ ...command, args: ["-m", "airflow", "db", "migrate"] }, {}, signal);
        if (code !== 0) throw new NotReadyError("airflow", `the database could not be made (exit code ${code})`, lines.slice(-30).join("\n"));
      }
      return { ...command, args: ["-m", "airflow", program, ...args] };
    },
    async probe(_everyone, signal) {
      const answer = await fetch(`http://${HOST}:${port}/api/v2/monitor/health`, { signal });
      const health = (await answer.json()) as Readonly<Record<string, { readonly status: string | null } | undefined>>;
      if (health[part]?.status !== "healthy") throw new NotYetError(`Airflow says that its ${part} is ${health[part]?.status ?? "unknown"}`);
    },
  };
}

const homeOf = (runDir: string): string => path.join(runDir, "home");
const secretFile = (home: string): string => path.join(home, "secret");

export function airflowEnvironment({ dagsDir, env, parallelism = 2, settings }: AirflowOptions, { runDir, ports }: Place): Readonly<Record<string, string>> {
  const home = homeOf(runDir);
  const url = `http://${HOST}:${ports["web"]}`;
  return {
    AIRFLOW_HOME: home,
    AIRFLOW__CORE__DAGS_FOLDER: dagsDir === undefined ? path.join(home, "dags") : path.resolve(dagsDir),
    AIRFLOW__CORE__LOAD_EXAMPLES: "False",
    AIRFLOW__CORE__EXECUTOR: "LocalExecutor",
    AIRFLOW__CORE__PARALLELISM: String(parallelism),
    AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS: `${AIRFLOW_USER}:admin`,
    // Who else asks Airflow does so where it listens.
    AIRFLOW__CORE__EXECUTION_API_SERVER_URL: `${url}/execution/`,
    AIRFLOW__API__HOST: HOST,
    AIRFLOW__API__PORT: String(ports["web"]),
    AIRFLOW__API__BASE_URL: url,
    AIRFLOW__API__WORKERS: "1",
    AIRFLOW__API_AUTH__JWT_SECRET: readFileSync(secretFile(home), "utf8"),
    AIRFLOW__DATABASE__SQL_ALCHEMY_CONN: `sqlite:///${path.join(home, "airflow.db")}`,
    AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL: "10",
    AIRFLOW__USAGE_DATA_COLLECTION__ENABLED: "False",
    NO_COLOR: "1",
    // Compiled code beside the DAGs would be found by who packs or commits them.
    PYTHONDONTWRITEBYTECODE: "1",
    ...env,
    ...settings,
  };
}
