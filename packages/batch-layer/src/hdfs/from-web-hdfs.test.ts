import { afterEach, describe, expect, it } from "vitest";
import WebHDFS from "webhdfs";
import { FileSystemError } from "@millrace/core";
import { fileSystemConformance } from "@millrace/core/testing";
import { fromWebHdfs, type FromWebHdfsOptions } from "./from-web-hdfs.js";
import { startFakeHdfs, type FakeHdfs } from "./testing/fake-hdfs.js";

const { signal } = new AbortController();
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const fakes: FakeHdfs[] = [];

function open({ nameNodes }: FakeHdfs, options: Partial<FromWebHdfsOptions> = {}) {
  const [host, port] = nameNodes[0]!.split(":") as [string, string];
  return fromWebHdfs(WebHDFS.createClient({ host, port, user: "shop" }), { root: "/r", fileSystemUri: "hdfs://nn1:8020", patienceMs: 200, timeoutMs: 300, ...options });
}
async function fakeHdfs(servers: Parameters<typeof startFakeHdfs>[0] = {}): Promise<FakeHdfs> {
  const fake = await startFakeHdfs(servers);
  fakes.push(fake);
  return fake;
}
async function failureOf(call: Promise<unknown>): Promise<FileSystemError> {
  const error = await call.then(
    () => undefined,
    (each: unknown) => each,
  );
  expect(error).toBeInstanceOf(FileSystemError);
  return error as FileSystemError;
}
const contents = ({ files }: FakeHdfs) => [...files].map(([path, content]) => [path, content.toString()]).sort();

afterEach(async () => {
  for (const fake of fakes.splice(0)) await fake.close();
});

describe("fromWebHdfs, servers in memory", () => {
  fileSystemConformance(it, async () => {
    const fake = await startFakeHdfs();
    const patient = () => open(fake, { timeoutMs: 5_000 });
    return { files: patient(), another: async () => patient(), readBack: async (path) => fake.files.get(`/r/${path}`) ?? null, dispose: () => fake.close() };
  });
});

it.each([
  ["answers 503", { status: 503 }],
  ["keeps half", "short"],
  ["never answers", "hang"],
  ["is cut off", "cut"],
] as const)("a write that the client calls done is not, when the DataNode %s", async (_, fault) => {
  const fake = await fakeHdfs();
  fake.fault = ({ server, op }) => (server === "dn0" && op === "CREATE" ? fault : undefined);
  expect((await failureOf(open(fake).replace("a", bytes("whole!"), signal))).retryable).toBe(true);
  expect(contents(fake)).toEqual([]);
});

it("a rename, and a DELETE, that the client calls done are not", async () => {
  const fake = await fakeHdfs();
  const files = open(fake);
  await files.replace("a", bytes("1"), signal);
  fake.fault = ({ op }) => (op === "RENAME" || op === "DELETE" ? { status: 200, body: `{"boolean":false}` } : undefined);
  expect((await failureOf(files.replace("b", bytes("2"), signal))).message).toMatch(/the server said that it was done, and it was not/);
  expect((await failureOf(files.remove("a", signal))).message).toMatch(/the server said that it was done, and it was not/);
  expect(fake.files.get("/r/a")?.toString()).toBe("1");
  expect(fake.files.has("/r/b")).toBe(false);
});

it("HttpFS creates files, and is refused where it would replace one", async () => {
  const fake = await fakeHdfs({ isHttpFs: true });
  const files = open(fake);
  expect([await files.putIfAbsent("a", bytes("1"), signal), await files.putIfAbsent("a", bytes("2"), signal)]).toEqual([true, false]);
  expect((await failureOf(files.replace("a", bytes("2"), signal))).message).toMatch(/HttpFS ignores `renameoptions`/);
  expect(contents(fake)).toEqual([["/r/a", "1"]]);
});

it.each<readonly [string, string, boolean]>([
  ["Cannot create file. Name node is in safe mode.", "SafeModeException", true],
  ["Operation category WRITE is not supported in state standby", "StandbyException", true],
  ["Permission denied: user=shop, access=WRITE", "AccessControlException", false],
])("tells exceptions by their words: %s", async (message, code, retryable) => {
  const fake = await fakeHdfs();
  fake.fault = ({ op }) => (op === "CREATE" ? { status: 403, exception: "RemoteException", message } : undefined);
  const error = await failureOf(open(fake).replace("a", bytes("1"), signal));
  expect([error.systemCode, error.retryable]).toEqual([code, retryable]);
});

it("streams large files, and ends when the signal aborts", async () => {
  const fake = await fakeHdfs();
  const files = open(fake, { bufferBytes: 1_000, timeoutMs: 10_000 });
  const chunk = Buffer.alloc(100_000, "large ");
  const writer = await files.write("a", signal);
  for (let i = 0; i < 10; i++) await writer.write(chunk);
  await writer.commit();
  expect(fake.files.get("/r/a")?.length).toBe(1_000_000);
  fake.fault = ({ op }) => {
    if (op !== "OPEN") return undefined;
    setImmediate(() => stop.abort(new Error("enough")));
    return "hang";
  };
  const stop = new AbortController();
  await expect(files.read("a", stop.signal)).rejects.toThrow("enough");
});

it("refuses what is no client of the package", () => {
  expect(() => fromWebHdfs({} as never, { root: "/r", fileSystemUri: "hdfs://nn1:8020" })).toThrow(/webhdfs, version 1.2.0/);
});
