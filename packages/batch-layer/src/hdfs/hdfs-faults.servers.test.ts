import { afterAll, beforeAll, expect, it } from "vitest";
import { FileSystemError } from "@millrace/core";
import { startHdfs, type RunningHdfs } from "@millrace/servers";
import { hdfsFileSystem, type HdfsFileSystemOptions } from "./hdfs-file-system.js";

const { signal } = new AbortController();
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
let hdfs: RunningHdfs;

beforeAll(async () => {
  // The entries of a page of a listing, 1,000 by default.
  hdfs = await startHdfs({ settings: { "dfs.ls.limit": "20" } });
});
afterAll(() => hdfs.stop());

const open = (options: Partial<HdfsFileSystemOptions> = {}) => hdfsFileSystem({ nameNodes: [hdfs.webAddress], user: hdfs.user, root: "/faults", ...options });
async function failureOf(call: Promise<unknown>): Promise<FileSystemError> {
  const error = await call.then(
    () => undefined,
    (each: unknown) => each,
  );
  expect(error).toBeInstanceOf(FileSystemError);
  return error as FileSystemError;
}
const text = async (path: string): Promise<string> => Buffer.from(await open().read(path, signal)).toString();

it("names of all kinds, and more files than a page has, are there as they were written", async () => {
  const files = open();
  const names = ["a b+c", "d%20e", "f?g=h&i#j", "k;l=m,n", "é☃", "date=2026-01-01", "q'r\"s", "{t,u}[v]*"];
  for (const name of names) {
    await files.replace(`names/${name}`, bytes(name), signal);
    expect(await text(`names/${name}`)).toBe(name);
  }
  expect((await files.list("names", signal)).map(({ path }) => path.slice("names/".length))).toEqual([...names].sort());
  expect((await failureOf(files.replace("names/a:b", bytes("1"), signal))).advice).toBe(`names in HDFS may not hold ":"`);

  const many = Array.from({ length: 50 }, (_, i) => `many/f${String(i).padStart(2, "0")}`);
  await Promise.all(many.map((path) => files.putIfAbsent(path, bytes("1"), signal)));
  const page = (await (await fetch(`${hdfs.webUrl}/webhdfs/v1/faults/many?op=LISTSTATUS_BATCH&user.name=${hdfs.user}`)).json()) as { readonly DirectoryListing: { readonly remainingEntries: number } };
  expect(page.DirectoryListing.remainingEntries).toBe(30);
  expect((await files.list("many", signal)).map(({ path }) => path)).toEqual(many);
});

it("a file of several blocks is streamed, and compared by its checksum", async () => {
  const chunk = Buffer.alloc(5_000_011, "several blocks of 16 MiB ");
  const writer = await open().write("large", signal);
  for (let i = 0; i < 8; i++) await writer.write(chunk);
  expect(await writer.commit()).toEqual({ path: "large", bytes: 8 * chunk.length });
  expect(Buffer.from(await open().read("large", signal)).equals(Buffer.concat(Array.from({ length: 8 }, () => chunk)))).toBe(true);
});

it("a DataNode killed in mid-write: the file fails, retryable, and nothing of it is seen; files are sent again when it is back", async () => {
  await open().replace("current", bytes("old"), signal);
  const writer = await open({ patienceMs: 1_000 }).write("current", signal);
  const chunk = Buffer.alloc(2_000_000, "half of a file ");
  for (let i = 0; i < 10; i++) await writer.write(chunk);
  await hdfs.dataNode.kill();
  const large = await failureOf(
    (async () => {
      for (let i = 0; i < 10; i++) await writer.write(chunk);
      await writer.commit();
    })(),
  );
  expect(large.retryable).toBe(true);
  const small = await failureOf(open({ patienceMs: 500 }).replace("current", bytes("lost"), signal));
  expect(small.retryable).toBe(true);
  expect((await open().list("", signal)).map(({ path }) => path).filter((path) => path.includes("current"))).toEqual(["current"]);
  // It waits for the DataNode, and is there then.
  const patient = open({ patienceMs: 120_000 }).replace("current", bytes("new"), signal);
  await hdfs.dataNode.start();
  await patient;
  expect(await text("current")).toBe("new");
});

it("a NameNode that starts again keeps writers and readers waiting, and loses nothing", async () => {
  const files = open({ patienceMs: 120_000 });
  await hdfs.nameNode.kill();
  expect((await failureOf(open({ patienceMs: 200 }).read("current", signal))).systemCode).toBe("ECONNREFUSED");
  const waiting = Promise.all([files.read("current", signal), files.putIfAbsent("claimed", bytes("2"), signal), files.replace("restarted", bytes("1"), signal)]);
  await hdfs.nameNode.start();
  const [read, created] = await waiting;
  expect([Buffer.from(read).toString(), created, await text("restarted")]).toEqual(["new", true, "1"]);
  expect(await files.putIfAbsent("claimed", bytes("3"), signal)).toBe(false);
});

it("in safe mode reading works, and a write says what to do", async () => {
  await Promise.all([hdfs.nameNode.kill(), hdfs.dataNode.kill()]);
  // Without its DataNode it stays in safe mode.
  await hdfs.nameNode.start();
  expect((await open().list("", signal)).map(({ path }) => path)).toContain("current");
  const removal = await failureOf(open({ patienceMs: 300 }).remove("current", signal));
  expect([removal.systemCode, removal.retryable]).toEqual(["SafeModeException", true]);
  expect(removal.advice).toMatch(/hdfs dfsadmin -safemode leave/);
  const write = await failureOf(open({ patienceMs: 300 }).replace("current", bytes("lost"), signal));
  expect([["SafeModeException", "NoDataNode"].includes(write.systemCode!), write.retryable]).toEqual([true, true]);
  const patient = open({ patienceMs: 120_000 }).replace("current", bytes("newest"), signal);
  await hdfs.dataNode.start();
  await patient;
  expect(await text("current")).toBe("newest");
});
