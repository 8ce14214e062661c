import type { InstallOptions } from "../install/install-folder.js";
import { installPython } from "../install/install-python.js";

/** The version of Airflow. */
export const AIRFLOW_VERSION = "3.3.2";

/**
 * The folder of a Python environment with what `requirements.lock` pins, about 130 wheels.
 *
 * @throws {MissingToolError} no Python with venv and pip
 * @throws {InstallError} pip failed
 */
export const installAirflow = (options: InstallOptions, signal?: AbortSignal): Promise<string> =>
  installPython({ server: "airflow", title: `Airflow ${AIRFLOW_VERSION}`, lock: new URL("./requirements.lock", import.meta.url) }, options, signal);
