import type { KnownServer } from "../cli/known-server.js";
import { toPort } from "../cli/to-port.js";
import { Instance } from "../instance/instance.js";
import { hdfsKind } from "./hdfs-kind.js";
import { hdfsAccess } from "./start-hdfs.js";

interface Flags {
  readonly hdfsPort?: number;
  readonly webhdfsPort?: number;
}

/** HDFS in the command. */
export const hdfsServer: KnownServer = {
  name: "hdfs",
  addOptions: (up) =>
    void up
      .option("--hdfs-port <port>", "hdfs: port of the NameNode for hdfs://; default: a free one", toPort)
      .option("--webhdfs-port <port>", "hdfs: port of the NameNode for WebHDFS; default: a free one", toPort),
  start(runDir, flags, signal) {
    const { hdfsPort, webhdfsPort } = flags as Flags;
    return Instance.start(hdfsKind, { runDir, ...(hdfsPort === undefined ? {} : { port: hdfsPort }), ...(webhdfsPort === undefined ? {} : { webPort: webhdfsPort }) }, signal);
  },
  find: (runDir) => Instance.find(hdfsKind, { runDir }),
  access(instance) {
    const { uri, webUrl, user } = hdfsAccess(instance);
    return { uri, webUrl, user };
  },
  addresses: ({ ports }) => [`127.0.0.1:${ports["namenode-web"]}`, `127.0.0.1:${ports["datanode-web"]}`],
};
