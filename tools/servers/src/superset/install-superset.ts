import { mkdir } from "node:fs/promises";
import path from "node:path";
import { InstallError } from "../errors/install-error.js";
import type { InstallOptions } from "../install/install-folder.js";
import { installPython, pythonOf } from "../install/install-python.js";
import { runProgram } from "../process/run-program.js";
import { supersetEnvironment } from "./superset-environment.js";
import { SUPERSET_PASSWORD, SUPERSET_USER } from "./superset-options.js";

/** The version of Superset. */
export const SUPERSET_VERSION = "6.1.0";

const SERVER = "superset";

/**
 * The folder of a Python environment with what `requirements.lock` pins, about 160 packages, and with Superset's own
 * database as it is before anything is in it: to make that takes a minute.
 *
 * @throws {MissingToolError} no Python with venv and pip
 * @throws {InstallError} pip failed, or the database could not be made
 */
export const installSuperset = (options: InstallOptions, signal?: AbortSignal): Promise<string> =>
  installPython(
    {
      server: SERVER,
      title: `Superset ${SUPERSET_VERSION}`,
      lock: new URL("./requirements.lock", import.meta.url),
      sources: ["odfpy", "pure-sasl", "PyHive", "WTForms-JSON"],
      async finish(environment, either) {
        options.progress(`${SERVER}: making its database (once)`);
        const home = path.dirname(preparedDatabase(environment));
        await mkdir(home, { recursive: true });
        // Nothing in it is encrypted yet, so that each instance can have a secret of its own.
        const env = supersetEnvironment(home, "only for the making of an empty database, never for a server");
        for (const command of [["db", "upgrade"], ["fab", "create-admin", "--username", SUPERSET_USER, "--firstname", "Admin", "--lastname", "User", "--email", "admin@localhost", "--password", SUPERSET_PASSWORD], ["init"]]) {
          const { code, lines } = await runProgram({ file: pythonOf(environment), args: ["-c", "from superset.cli.main import superset; superset()", ...command], cwd: home, env }, {}, either);
          if (code !== 0) throw new InstallError(SERVER, `"superset ${command.slice(0, 2).join(" ")}" ended with exit code ${code}\n${lines.slice(-30).join("\n")}`);
        }
      },
    },
    options,
    signal,
  );

/** The database that each new instance begins with a copy of. */
export const preparedDatabase = (environment: string): string => path.join(environment, "prepared", "superset.db");
