import { inject, it } from "vitest";
import { fileSystemConformance } from "@millrace/core/testing";
import { hdfsFileSystem } from "./hdfs-file-system.js";
import { kitFolder } from "./testing/kit-folder.js";
import { readHdfs } from "./testing/read-hdfs.js";

const { webAddress, user } = inject("hdfs");

fileSystemConformance(it, async () => {
  const { root, remove } = kitFolder(webAddress, user);
  const open = () => hdfsFileSystem({ nameNodes: [webAddress], user, root });
  return { files: open(), another: async () => open(), readBack: (path) => readHdfs(webAddress, `${root}/${path}`), dispose: remove };
});
