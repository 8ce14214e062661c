import { randomUUID } from "node:crypto";
import { inject, it } from "vitest";
import { fileSystemConformance } from "@millrace/core/testing";
import { hdfsFileSystem } from "./hdfs-file-system.js";
import { readHdfs } from "./testing/read-hdfs.js";

const server = inject("hdfs").webAddress;
const { signal } = new AbortController();

fileSystemConformance(it, async () => {
  const root = `/kit-${randomUUID()}`;
  const open = () => hdfsFileSystem({ nameNodes: [server], user: "hdfs", root });
  return {
    files: open(),
    another: async () => open(),
    readBack: (path) => readHdfs(server, `${root}/${path}`),
    dispose: async () => {
      const parent = hdfsFileSystem({ nameNodes: [server], user: "hdfs", root: "/" });
      await parent.remove(root.slice(1), signal);
      await parent.close();
    },
  };
});
