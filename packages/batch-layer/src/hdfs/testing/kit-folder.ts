import { randomUUID } from "node:crypto";
import { hdfsFileSystem } from "../hdfs-file-system.js";

/** A folder of HDFS for one subject of a kit, and what removes it. */
export function kitFolder(server: string, user: string): { readonly root: string; readonly remove: () => Promise<void> } {
  const root = `/kit-${randomUUID()}`;
  return {
    root,
    async remove() {
      const parent = hdfsFileSystem({ nameNodes: [server], user, root: "/" });
      await parent.remove(root.slice(1), new AbortController().signal);
      await parent.close();
    },
  };
}
