import { Option } from "commander";
import type { KnownServer } from "../cli/known-server.js";
import { toPort } from "../cli/to-port.js";
import { Instance } from "../instance/instance.js";
import { optionsOf } from "../instance/options-of.js";
import { cassandraKind } from "./cassandra-kind.js";
import type { CassandraOptions } from "./cassandra-options.js";
import { addressesOf } from "./node-settings.js";
import { DATA_CENTER } from "./probe-node.js";

interface Flags {
  readonly nodes?: "1" | "2" | "3";
  readonly cassandraPort?: number;
}

const addresses = ({ nodes }: Instance): readonly string[] => addressesOf({ nodes: nodes.length as 1 | 2 | 3 });

/** Cassandra in the command. */
export const cassandraServer: KnownServer = {
  name: "cassandra",
  addOptions: (up) =>
    void up
      .addOption(new Option("--nodes <n>", "cassandra: nodes, on 127.0.0.1, 127.0.0.2 and 127.0.0.3").choices(["1", "2", "3"]))
      .option("--cassandra-port <port>", "cassandra: port of CQL; default: a free one", toPort),
  start(runDir, flags, signal) {
    const { nodes, cassandraPort } = flags as Flags;
    const options: CassandraOptions = {
      ...optionsOf(cassandraKind, runDir),
      runDir,
      ...(nodes === undefined ? {} : { nodes: Number(nodes) as 1 | 2 | 3 }),
      ...(cassandraPort === undefined ? {} : { port: cassandraPort }),
    };
    return Instance.start(cassandraKind, options, signal);
  },
  find: (runDir) => Instance.find(cassandraKind, { runDir }),
  access: (instance) => ({ contactPoints: addresses(instance), port: instance.ports["cql"], localDataCenter: DATA_CENTER }),
  addresses: (instance) => addresses(instance).map((address) => `${address}:${instance.ports["cql"]}`),
};
