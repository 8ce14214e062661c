import { kafkaLog, kafkaWorkerGroup } from "@millrace/core/kafka";
import { cassandraStore } from "@millrace/speed-layer/cassandra";
import { deliver, embedded, type Output, type Platform } from "millrace";
import { authEvents } from "../streams/auth-events.js";
import { userLoginSink } from "./user-login-sink.js";

/** Where the pipeline runs: its ports, and what it delivers there. */
export interface Deployment {
  readonly platform: Platform;
  readonly outputs: readonly Output[];
}

/** The environment variables of a deployment, each with its default. */
export const DEPLOYMENT_VARIABLES = {
  /** `embedded`: this machine, no server. `kafka-cassandra`: log and speed layer on servers, files and SQL on this machine. */
  MILLRACE_PLATFORM: "embedded",
  /** `host:port` of some brokers, comma between. */
  MILLRACE_KAFKA: "127.0.0.1:9092",
  /** `host:port` of some nodes, comma between. */
  MILLRACE_CASSANDRA: "127.0.0.1:9042",
  MILLRACE_CASSANDRA_DATA_CENTER: "datacenter1",
  /** Created with one copy where it does not exist. */
  MILLRACE_KEYSPACE: "music_events",
} as const;

type Variable = keyof typeof DEPLOYMENT_VARIABLES;

/**
 * The deployment that the environment names. Opens nothing.
 *
 * @throws {RangeError} when there is no such platform.
 */
export function deploymentOf(environment: Readonly<Record<string, string | undefined>>, dataDir: string): Deployment {
  const variable = (name: Variable): string => environment[name] || DEPLOYMENT_VARIABLES[name];
  const local = embedded(dataDir);
  const kind = variable("MILLRACE_PLATFORM");
  if (kind === "embedded") return { platform: local, outputs: [] };
  if (kind !== "kafka-cassandra") throw new RangeError(`MILLRACE_PLATFORM is "${kind}": there are embedded and kafka-cassandra`);

  const brokers = variable("MILLRACE_KAFKA").split(",");
  const localDataCenter = variable("MILLRACE_CASSANDRA_DATA_CENTER");
  const cassandra = { contactPoints: variable("MILLRACE_CASSANDRA").split(","), localDataCenter, keyspace: variable("MILLRACE_KEYSPACE") };
  return {
    platform: {
      ...local,
      log: kafkaLog({ brokers }),
      store: cassandraStore({ ...cassandra, replication: { [localDataCenter]: 1 } }),
      workers: kafkaWorkerGroup({ brokers }),
    },
    outputs: [deliver(authEvents, userLoginSink(cassandra), ({ userId, ...login }) => (userId === null ? undefined : { userId, ...login }))],
  };
}
