import { existsSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { ProgramError } from "../errors/program-error.js";
import { archiveFlags } from "../install/class-archive.js";
import { installJars } from "../install/install-jars.js";
import type { NodePlan } from "../instance/node-plan.js";
import type { Place, ServerKind } from "../instance/server-kind.js";
import { runProgram } from "../process/run-program.js";
import { brokerSettings, propertiesText } from "./broker-settings.js";
import { clientSettings } from "./client-settings.js";
import type { KafkaOptions } from "./kafka-options.js";
import { SASL_USER } from "./kafka-options.js";
import { probeBroker } from "./probe-broker.js";
import { makeTlsFiles } from "./tls-files.js";

const HOSTS = ["127.0.0.1"];
/** The same for all brokers of a cluster: 16 bytes in base64. */
const CLUSTER_ID = "bWlsbHJhY2VfdGVzdF9fMQ";
const LOG4J = fileURLToPath(new URL("./log4j2.properties", import.meta.url));

const idsOf = ({ brokers = 1 }: KafkaOptions): readonly number[] => Array.from({ length: brokers }, (_, i) => i + 1);
const isSecured = ({ listeners }: KafkaOptions): boolean => listeners?.sasl !== undefined || listeners?.tls === true;

/** Kafka in KRaft mode: every node is broker and controller. */
export const kafkaKind: ServerKind<KafkaOptions> = {
  name: "kafka",
  install: (options, signal) => installJars({ server: "kafka", pom: new URL("./pom.xml", import.meta.url) }, options, signal),
  java: { from: 17, to: 25 },
  startsInTurn: false,
  shape: ({ brokers = 1, listeners = {} }) => ({ brokers, listeners }),
  ports(options) {
    // A port that was asked for is that of the clients.
    const wished = (id: number): number | undefined => (options.port === undefined ? undefined : options.port + id - 1);
    const secured = isSecured(options);
    return Object.fromEntries(
      idsOf(options).flatMap((id) => [
        [`broker-${id}`, { port: secured ? undefined : wished(id), hosts: HOSTS }],
        ...(secured ? [[`client-${id}`, { port: wished(id), hosts: HOSTS }]] : []),
        [`controller-${id}`, { port: undefined, hosts: HOSTS }],
      ]),
    );
  },
  prepare: async ({ listeners }, { runDir }) => {
    if (listeners?.tls === true) await makeTlsFiles(runDir);
  },
  nodes: (options, place) => idsOf(options).map((id) => brokerPlan(id, options, place)),
};

function brokerPlan(id: number, options: KafkaOptions, place: Place): NodePlan {
  const name = `kafka-${id}`;
  const dir = path.join(place.runDir, name);
  const dataDir = path.join(dir, "data");
  const file = path.join(dir, "server.properties");
  const brokers = options.brokers ?? 1;
  const jvm = [
    "-Xms128m",
    `-Xmx${options.heapMb ?? (brokers === 1 ? 512 : 256)}m`,
    "-XX:+UseSerialGC",
    "-XX:+ExplicitGCInvokesConcurrent",
    "-Xshare:auto",
    "-Djava.awt.headless=true",
    "-Djava.net.preferIPv4Stack=true",
    `-Dkafka.logs.dir=${dir}`,
    `-Dlog4j2.configurationFile=${LOG4J}`,
  ];
  return {
    name,
    dir,
    logFiles: [path.join(dir, "server.log")],
    ports: ["broker", "client", "controller"].map((kind) => place.ports[`${kind}-${id}`]).filter((port) => port !== undefined),
    graceMs: 20_000,
    async prepare({ java, jars, archive }, signal) {
      writeFileSync(file, propertiesText(brokerSettings(id, options, place, dataDir)));
      const classes = path.join(jars, "*");
      if (!existsSync(path.join(dataDir, "meta.properties"))) {
        const mechanism = options.listeners?.sasl;
        const scram = mechanism?.startsWith("scram") === true ? ["--add-scram", `${mechanism.toUpperCase()}=[name=${SASL_USER.username},password=${SASL_USER.password}]`] : [];
        const args = [...jvm, ...(archive?.mode === "read" ? archiveFlags(archive) : []), "-XX:TieredStopAtLevel=1", "-cp", classes, "kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c", file, "--ignore-formatted", ...scram];
        const { code, lines } = await runProgram({ file: java, args, cwd: dir }, {}, signal);
        if (code !== 0) throw new ProgramError(`formatting the data folder of "${name}"`, code, lines);
      }
      return { file: java, args: [...jvm, ...archiveFlags(archive), "-cp", classes, "kafka.Kafka", file], cwd: dir };
    },
    probe: (everyone, signal) => probeBroker(id, everyone ? brokers : 1, clientSettings(options, place, [id]), signal),
  };
}
