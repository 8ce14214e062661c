import { pythonOf } from "../install/install-python.js";
import { Instance } from "../instance/instance.js";
import { runningServer, type RunningServer } from "../instance/running-server.js";
import type { NodeHandle } from "../instance/node-handle.js";
import { nodeHandle } from "../instance/node-handle.js";
import { airflowKind } from "./airflow-kind.js";
import type { AirflowOptions } from "./airflow-options.js";
import { AIRFLOW_PASSWORD, AIRFLOW_USER } from "./airflow-options.js";

/** An Airflow that schedules. */
export interface RunningAirflow extends RunningServer {
  /** `http://127.0.0.1:<port>`: the page; REST is below `/api/v2`. */
  readonly url: string;
  readonly user: string;
  readonly password: string;
  /** The Python that it runs on, with Airflow in it. */
  readonly python: string;
  readonly apiServer: NodeHandle;
  readonly scheduler: NodeHandle;
  readonly dagProcessor: NodeHandle;
}

/**
 * Starts Airflow 3 (api-server, scheduler with its own workers, dag-processor; SQLite) as plain processes on 127.0.0.1, and
 * resolves when all of them say that they are healthy. Needs Python 3 with venv and pip. DAGs are paused when they are new.
 *
 * All end with this process, however it ends.
 *
 * @throws {MissingToolError} no Python, no pip
 * @throws {InstallError} pip failed
 * @throws {PortTakenError} `port` is not free
 * @throws {NotReadyError} a process died or did not answer within `readyLimitMs`; has the end of its log
 * @throws {RunFolderError} `runDir` was made for something else
 *
 * @example
 * await using airflow = await startAirflow({ dagsDir: "airflow/dags" });
 */
export async function startAirflow(options: AirflowOptions = {}, signal?: AbortSignal): Promise<RunningAirflow> {
  const instance = await Instance.start(airflowKind, options, signal);
  const [apiServer, scheduler, dagProcessor] = instance.nodes.map((node) => nodeHandle(node));
  return {
    ...airflowAccess(instance),
    python: pythonOf((await instance.nodes[0]!.tools(signal)).jars),
    apiServer: apiServer!,
    scheduler: scheduler!,
    dagProcessor: dagProcessor!,
    ...runningServer(instance),
  };
}

/** How clients reach an instance. */
export const airflowAccess = ({ ports }: Pick<Instance, "ports">): Pick<RunningAirflow, "url" | "user" | "password"> => ({
  url: `http://127.0.0.1:${ports["web"]}`,
  user: AIRFLOW_USER,
  password: AIRFLOW_PASSWORD,
});
