import { expect, it } from "vitest";
import { remains } from "../testing/remains.js";
import { list, readFile, writeFile } from "../testing/web-hdfs.js";
import { startHdfs } from "./start-hdfs.js";

// region kill
it("NameNode and DataNode are killed and come back with every file", async () => {
  const hdfs = await startHdfs();
  const { webUrl, nameNode, dataNode } = hdfs;
  const pids = [nameNode.pid!, dataNode.pid!];
  try {
    await writeFile(webUrl, "/kept/a", "first");
    expect(await list(webUrl, "/tmp")).toEqual([]);

    await dataNode.kill();
    expect([dataNode.running, dataNode.pid, nameNode.running, remains([pids[1]!], [])]).toEqual([false, undefined, true, []]);
    expect(await list(webUrl, "/kept")).toEqual(["a"]);
    await expect(readFile(webUrl, "/kept/a")).rejects.toThrow(/ECONNREFUSED/);
    await dataNode.start();
    expect(await readFile(webUrl, "/kept/a")).toBe("first");

    await nameNode.kill();
    await expect(list(webUrl, "/kept")).rejects.toThrow(/ECONNREFUSED/);
    await nameNode.start();
    // Files can be written as soon as both run.
    await writeFile(webUrl, "/kept/b", "second");

    await Promise.all([nameNode.kill(), dataNode.kill()]);
    // Alone it answers, in safe mode.
    await nameNode.start();
    expect(await list(webUrl, "/kept")).toEqual(["a", "b"]);
    await expect(writeFile(webUrl, "/kept/c", "third")).rejects.toThrow(/Failed to find datanode/);
    await dataNode.start();
    expect([await readFile(webUrl, "/kept/a"), await readFile(webUrl, "/kept/b")]).toEqual(["first", "second"]);
    pids.push(nameNode.pid!, dataNode.pid!);
  } finally {
    await hdfs.stop();
  }
  expect(remains(pids, [hdfs.runDir])).toEqual([]);
});
// endregion
