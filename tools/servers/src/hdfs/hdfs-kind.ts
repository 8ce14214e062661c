import { existsSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { ProgramError } from "../errors/program-error.js";
import type { ClassArchive } from "../install/class-archive.js";
import { installJars } from "../install/install-jars.js";
import { emptyFolder } from "../instance/empty-folder.js";
import type { NodePlan, Tools } from "../instance/node-plan.js";
import type { Place, ServerKind } from "../instance/server-kind.js";
import { runProgram } from "../process/run-program.js";
import type { CommandLine } from "../process/server-process.js";
import { WITHOUT_FOREIGN, hadoopJvm } from "./hadoop-jvm.js";
import { hadoopXml } from "./hadoop-xml.js";
import type { HdfsOptions } from "./hdfs-options.js";
import { dataDirs, hdfsSettings } from "./hdfs-settings.js";
import { probeDataNode, probeFiles, probeNameNode } from "./probe-hdfs.js";

const HOSTS = ["127.0.0.1"];
/** What Hadoop needs of the inside of Java 17. */
export const HADOOP_OPENS = ["java.io", "java.lang", "java.lang.reflect", "java.math", "java.net", "java.text", "java.util", "java.util.concurrent", "java.util.zip", "sun.security.util", "sun.security.x509"].map(
  (name) => `--add-opens=java.base/${name}=ALL-UNNAMED`,
);

/** HDFS: one NameNode and one DataNode. */
export const hdfsKind: ServerKind<HdfsOptions> = {
  name: "hdfs",
  install: (options, signal) => installJars({ server: "hdfs", pom: new URL("./pom.xml", import.meta.url) }, options, signal),
  java: { from: 17, to: 17 },
  startsInTurn: false,
  shape: () => ({}),
  ports: ({ port, webPort }) => ({
    namenode: { port, hosts: HOSTS },
    "namenode-web": { port: webPort, hosts: HOSTS },
    datanode: { port: undefined, hosts: HOSTS },
    "datanode-web": { port: undefined, hosts: HOSTS },
    "datanode-ipc": { port: undefined, hosts: HOSTS },
  }),
  prepare(options, place) {
    writeFileSync(siteFile(place), hadoopXml(hdfsSettings(options, place)));
    // A DataNode's blocks belong to the one NameNode that they were made for.
    if (!isFormatted(place)) rmSync(dataDirs(place.runDir).data, { recursive: true, force: true });
    return Promise.resolve();
  },
  nodes: (options, place) => [nameNodePlan(options, place), dataNodePlan(options, place)],
};

const siteFile = ({ runDir }: Place): string => path.join(runDir, "site.xml");
const formattedFile = ({ runDir }: Place): string => path.join(runDir, "namenode", "formatted");
const isFormatted = (place: Place): boolean => existsSync(formattedFile(place));

function command(main: string, name: string, { java, jars }: Tools, archive: ClassArchive | undefined, options: HdfsOptions, place: Place, args: readonly string[] = []): CommandLine {
  return {
    file: java,
    args: [
      ...HADOOP_OPENS,
      ...hadoopJvm(archive, emptyFolder(path.join(place.runDir, name, "temporary"))),
      `-Xmx${options.heapMb ?? 256}m`,
      "-XX:TieredStopAtLevel=1",
      "-Dorg.slf4j.simpleLogger.showDateTime=true",
      "-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS",
      "-Dorg.slf4j.simpleLogger.log.http.requests=off",
      "-Dorg.slf4j.simpleLogger.log.org.apache.hadoop.hdfs.server.namenode.FSNamesystem.audit=off",
      "-cp",
      path.join(jars, "*"),
      `org.apache.hadoop.hdfs.server.${main}`,
      "-conf",
      siteFile(place),
      ...args,
    ],
    cwd: path.join(place.runDir, name),
    env: WITHOUT_FOREIGN,
  };
}

function nameNodePlan(options: HdfsOptions, place: Place): NodePlan {
  const { namenode: rpc, "namenode-web": web } = place.ports;
  const name = "namenode";
  return {
    name,
    dir: path.join(place.runDir, name),
    logFiles: [],
    ports: [rpc!, web!],
    graceMs: 15_000,
    async prepare(tools, signal) {
      if (!isFormatted(place)) {
        rmSync(dataDirs(place.runDir).name, { recursive: true, force: true });
        const read = tools.archive?.mode === "read" ? tools.archive : undefined;
        const { code, lines } = await runProgram(command("namenode.NameNode", name, tools, read, options, place, ["-format", "-force", "-nonInteractive"]), {}, signal);
        if (code !== 0) throw new ProgramError(`formatting the data folder of "${name}"`, code, lines);
        writeFileSync(formattedFile(place), "");
      }
      return command("namenode.NameNode", name, tools, tools.archive, options, place);
    },
    probe: (everyone, signal) => (everyone ? probeFiles(web!, signal) : probeNameNode(web!, signal)),
  };
}

function dataNodePlan(options: HdfsOptions, place: Place): NodePlan {
  const { datanode, "datanode-web": web, "datanode-ipc": ipc, "namenode-web": nameNodeWeb } = place.ports;
  const name = "datanode";
  return {
    name,
    dir: path.join(place.runDir, name),
    logFiles: [],
    ports: [datanode!, web!, ipc!],
    graceMs: 15_000,
    // The archive of the NameNode holds most of its classes as well.
    prepare: (tools) => Promise.resolve(command("datanode.DataNode", name, tools, tools.archive?.mode === "read" ? tools.archive : undefined, options, place)),
    async probe(everyone, signal) {
      await probeDataNode(web!, signal);
      if (everyone) await probeFiles(nameNodeWeb!, signal);
    },
  };
}
