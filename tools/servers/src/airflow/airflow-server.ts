import { fileURLToPath } from "node:url";
import type { KnownServer } from "../cli/known-server.js";
import { toPort } from "../cli/to-port.js";
import { Instance } from "../instance/instance.js";
import { airflowKind } from "./airflow-kind.js";
import { airflowAccess } from "./start-airflow.js";

interface Flags {
  readonly airflowPort?: number;
  readonly airflowDags?: string;
}

/** The DAGs of the example, which the command starts Airflow with. */
const EXAMPLE_DAGS = fileURLToPath(new URL("../../../../examples/music-events/airflow/dags", import.meta.url));

/** Airflow in the command. */
export const airflowServer: KnownServer = {
  name: "airflow",
  addOptions: (up) =>
    void up
      .option("--airflow-port <port>", "airflow: port of the page and of REST; default: a free one", toPort)
      .option("--airflow-dags <dir>", "airflow: folder of the DAGs; default: those of examples/music-events"),
  start(runDir, flags, signal) {
    const { airflowPort, airflowDags = EXAMPLE_DAGS } = flags as Flags;
    return Instance.start(airflowKind, { runDir, dagsDir: airflowDags, ...(airflowPort === undefined ? {} : { port: airflowPort }) }, signal);
  },
  find: (runDir) => Instance.find(airflowKind, { runDir }),
  access: (instance) => ({ ...airflowAccess(instance) }),
  addresses: ({ ports }) => Array.from({ length: 3 }, () => `127.0.0.1:${ports["web"]}`),
};
