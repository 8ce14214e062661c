import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { InstallError } from "../errors/install-error.js";
import { archiveFlags } from "../install/class-archive.js";
import { installJars } from "../install/install-jars.js";
import type { NodePlan, Tools } from "../instance/node-plan.js";
import type { Place, ServerKind } from "../instance/server-kind.js";
import type { CommandLine } from "../process/server-process.js";
import type { CassandraOptions } from "./cassandra-options.js";
import { addressesOf, nodeSettings } from "./node-settings.js";
import { probeNode } from "./probe-node.js";

const LOGBACK = fileURLToPath(new URL("./logback.xml", import.meta.url));
/** What Cassandra needs of the inside of Java 17. */
const FLAGS = readFileSync(new URL("./jvm17.flags", import.meta.url), "utf8").trim().split(/\s+/);

/** Cassandra: equal nodes, the first of them the one that the others ask for the way. */
export const cassandraKind: ServerKind<CassandraOptions> = {
  name: "cassandra",
  install: (options, signal) => installJars({ server: "cassandra", pom: new URL("./pom.xml", import.meta.url) }, options, signal),
  java: { from: 17, to: 17 },
  startsInTurn: true,
  shape: ({ nodes = 1 }) => ({ nodes }),
  ports: (options) => ({
    cql: { port: options.port, hosts: addressesOf(options) },
    storage: { port: undefined, hosts: addressesOf(options) },
    "storage-tls": { port: undefined, hosts: addressesOf(options) },
    // JMX listens on the name of the loopback whatever the address of the node is.
    ...Object.fromEntries(addressesOf(options).map((_, i) => [`jmx-${i + 1}`, { port: undefined, hosts: ["127.0.0.1"] }])),
  }),
  nodes: (options, place) => addressesOf(options).map((address, i) => nodePlan(i, address, options, place)),
};

function nodePlan(i: number, address: string, options: CassandraOptions, place: Place): NodePlan {
  const name = `cassandra-${i + 1}`;
  const dir = path.join(place.runDir, name);
  const file = path.join(dir, "cassandra.yaml");
  const count = addressesOf(options).length;
  const { cql, storage, "storage-tls": storageTls, [`jmx-${i + 1}`]: jmx } = place.ports;
  return {
    name,
    dir,
    logFiles: [path.join(dir, "system.log")],
    ports: [jmx!, ...(i === 0 ? [cql!, storage!, storageTls!] : [])],
    graceMs: 30_000,
    prepare({ java, jars, archive }) {
      // JSON is YAML.
      writeFileSync(file, JSON.stringify(nodeSettings(i, options, place, dir), undefined, 2));
      const agent = readdirSync(jars).find((jar) => /^jamm-.*\.jar$/.test(jar));
      if (agent === undefined) throw new InstallError("cassandra", `there is no jamm in "${jars}"`);
      return Promise.resolve({
        file: java,
        args: [
          `-javaagent:${path.join(jars, agent)}`,
          ...FLAGS,
          // jamm is an agent.
          "-XX:+UnlockDiagnosticVMOptions",
          "-XX:+AllowArchivingWithJavaAgent",
          ...archiveFlags(archive),
          "-Xms128m",
          `-Xmx${options.heapMb ?? (count === 1 ? 512 : 384)}m`,
          "-XX:+UseSerialGC",
          "-XX:-UsePerfData",
          "-Xss512k",
          "-Xshare:auto",
          "-Djava.awt.headless=true",
          "-Djava.net.preferIPv4Stack=true",
          `-Dcassandra.config=file://${file}`,
          `-Dcassandra.storagedir=${dir}`,
          `-Dcassandra.logdir=${dir}`,
          "-Dcassandra-foreground=yes",
          `-Dcassandra.jmx.local.port=${jmx}`,
          `-Dlogback.configurationFile=${LOGBACK}`,
          // With true a node is faster by nothing and forgets its tables when it is killed.
          "-Dcassandra.unsafesystem=false",
          `-Dcassandra.ring_delay_ms=${count === 1 ? 100 : 3_000}`,
          "-Dcassandra.skip_wait_for_gossip_to_settle=0",
          "-cp",
          path.join(jars, "*"),
          "org.apache.cassandra.service.CassandraDaemon",
        ],
        cwd: dir,
      });
    },
    probe: (everyone, signal) => probeNode(address, cql!, everyone ? count : 1, signal),
  };
}

/** `nodetool`, which is in the same jars, against the node from 0 of an instance. A call costs the start of a JVM. */
export function nodetoolCommand(i: number, { runDir, ports }: Place, { java, jars }: Tools, args: readonly string[]): CommandLine {
  return {
    file: java,
    args: [
      ...FLAGS,
      "-Xmx96m",
      "-XX:+UseSerialGC",
      "-XX:TieredStopAtLevel=1",
      "-cp",
      path.join(jars, "*"),
      `-Dlogback.configurationFile=${LOGBACK}`,
      `-Dcassandra.logdir=${path.join(runDir, `nodetool-${i + 1}`)}`,
      "-Dcassandra.config.loader=org.apache.cassandra.config.YamlConfigurationLoader",
      "org.apache.cassandra.tools.NodeTool",
      "-h",
      "127.0.0.1",
      "-p",
      String(ports[`jmx-${i + 1}`]),
      ...args,
    ],
    cwd: runDir,
  };
}
