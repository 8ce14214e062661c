import { inject, it } from "vitest";
import WebHDFS from "webhdfs";
import { fileSystemConformance } from "@millrace/core/testing";
import { fromWebHdfs } from "./from-web-hdfs.js";
import { kitFolder } from "./testing/kit-folder.js";
import { readHdfs } from "./testing/read-hdfs.js";

const { webAddress, uri, user } = inject("hdfs");
const [host, port] = webAddress.split(":") as [string, string];

fileSystemConformance(it, async () => {
  const { root, remove } = kitFolder(webAddress, user);
  const open = () => {
    // region client
    const files = fromWebHdfs(WebHDFS.createClient({ host, port, user }), { root, fileSystemUri: uri });
    // endregion
    return files;
  };
  return { files: open(), another: async () => open(), readBack: (path) => readHdfs(webAddress, `${root}/${path}`), dispose: remove };
});
