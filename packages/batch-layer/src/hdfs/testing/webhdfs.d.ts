declare module "webhdfs" {
  import type { WebHdfsClient } from "../web-hdfs-client.js";

  const WebHDFS: { createClient(options: { readonly host: string; readonly port: string | number; readonly user?: string }): WebHdfsClient };
  export default WebHDFS;
}
