import { createHash } from "node:crypto";
import { link, mkdir, readFile, readdir } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { InstallError } from "../errors/install-error.js";
import { findJava } from "../install/find-java.js";
import type { InstallOptions } from "../install/install-folder.js";
import { installFolder } from "../install/install-folder.js";
import { runProgram } from "../process/run-program.js";
import { SPARK_JAVA, installSpark } from "../spark/install-spark.js";

const SOURCE = new URL("./MetastoreServer.scala", import.meta.url);

/**
 * The folder with the jars of the metastore: those of Spark, and a program that starts it on one address.
 *
 * @throws {MissingToolError} no Java 17, no `python3` with pip
 * @throws {InstallError} Spark could not be fetched
 */
export async function installMetastore(options: InstallOptions, signal?: AbortSignal): Promise<string> {
  const spark = await installSpark(options, signal);
  const version = createHash("sha256").update(path.basename(spark)).update(await readFile(SOURCE)).digest("hex").slice(0, 12);
  const fill = async (partial: string, either: AbortSignal): Promise<void> => {
    const java = await findJava("metastore", SPARK_JAVA, process.env, either);
    await mkdir(partial, { recursive: true });
    // Links, which take no room.
    for (const jar of await readdir(spark)) await link(path.join(spark, jar), path.join(partial, jar));
    // Spark brings the compiler of Scala: a Java without one of its own is enough.
    const args = ["-XX:TieredStopAtLevel=1", "-cp", path.join(spark, "*"), "scala.tools.nsc.Main", "-usejavacp", "-d", path.join(partial, "metastore-server.jar"), fileURLToPath(SOURCE)];
    const { code, lines } = await runProgram({ file: java.file, args }, {}, either);
    if (code !== 0) throw new InstallError("metastore", `its program could not be compiled: exit code ${code}\n${lines.slice(-15).join("\n")}`, { advice: `remove "${spark}", to have Spark fetched again` });
  };
  return installFolder(`metastore-${version}`, options, fill, signal);
}
