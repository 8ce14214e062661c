import type { InstanceOptions } from "../instance/instance.js";

/** What `startAirflow` takes. */
export interface AirflowOptions extends InstanceOptions {
  /** Folder of the DAGs. Default: an empty one in the run folder. */
  readonly dagsDir?: string;
  /** Variables for the DAGs and their tasks, over those of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Port of the page and of REST. Default: a free one. */
  readonly port?: number;
  /** Tasks that run at once. Default 2; each takes about 130 MB. */
  readonly parallelism?: number;
  /** Settings over ours, by the names that Airflow's variables have: `AIRFLOW__SCHEDULER__...`. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** The one who may do everything: fixed, because Airflow is on 127.0.0.1 only. */
export const AIRFLOW_USER = "airflow";
export const AIRFLOW_PASSWORD = "airflow";
