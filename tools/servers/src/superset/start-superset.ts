import { Instance } from "../instance/instance.js";
import type { NodeHandle } from "../instance/node-handle.js";
import { nodeHandle } from "../instance/node-handle.js";
import { runningServer, type RunningServer } from "../instance/running-server.js";
import { supersetKind } from "./superset-kind.js";
import type { SupersetOptions } from "./superset-options.js";
import { SUPERSET_PASSWORD, SUPERSET_USER } from "./superset-options.js";

/** A Superset that answers. */
export interface RunningSuperset extends RunningServer {
  /** `http://127.0.0.1:<port>`: the page; REST is below `/api/v1`. */
  readonly url: string;
  readonly user: string;
  readonly password: string;
  readonly node: NodeHandle;
}

/**
 * Starts Superset 6 (gunicorn with one worker; SQLite) as a plain process on 127.0.0.1, and resolves when it answers. Needs
 * Python 3 with venv and pip. There is nothing in it but the one user; it speaks with Presto, Trino and Hive.
 *
 * It ends with this process, however that ends.
 *
 * @throws {MissingToolError} no Python, no pip
 * @throws {InstallError} pip failed, or its database could not be made
 * @throws {PortTakenError} `port` is not free
 * @throws {NotReadyError} it died or did not answer within `readyLimitMs`; has the end of its log
 * @throws {RunFolderError} `runDir` was made for something else
 *
 * @example
 * await using superset = await startSuperset();
 */
export async function startSuperset(options: SupersetOptions = {}, signal?: AbortSignal): Promise<RunningSuperset> {
  const instance = await Instance.start(supersetKind, options, signal);
  return { ...supersetAccess(instance), node: nodeHandle(instance.nodes[0]!), ...runningServer(instance) };
}

/** How clients reach an instance. */
export const supersetAccess = ({ ports }: Pick<Instance, "ports">): Pick<RunningSuperset, "url" | "user" | "password"> => ({
  url: `http://127.0.0.1:${ports["web"]}`,
  user: SUPERSET_USER,
  password: SUPERSET_PASSWORD,
});
