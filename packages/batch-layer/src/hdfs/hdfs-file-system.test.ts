import { afterEach, describe, expect, it } from "vitest";
import { ClosedError, FileNotFoundError, FileSystemError, simulatedClock } from "@millrace/core";
import { fileSystemConformance } from "@millrace/core/testing";
import { hdfsFileSystem, type HdfsFileSystemOptions } from "./hdfs-file-system.js";
import { startFakeHdfs, type Asked, type FakeHdfs, type Fault } from "./testing/fake-hdfs.js";

const { signal } = new AbortController();
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const fakes: FakeHdfs[] = [];

async function fakeHdfs(servers: Parameters<typeof startFakeHdfs>[0] = {}): Promise<FakeHdfs> {
  const fake = await startFakeHdfs(servers);
  fakes.push(fake);
  return fake;
}
const open = ({ nameNodes }: FakeHdfs, options: Partial<HdfsFileSystemOptions> = {}) => hdfsFileSystem({ nameNodes, user: "shop", root: "/r", patienceMs: 2_000, timeoutMs: 1_000, ...options });

/** The fault for the first `times` requests that are like this. */
function first(times: number, like: Partial<Pick<Asked, "server" | "op">>, fault: Fault): (asked: Asked) => Fault | undefined {
  return ({ server, op }) => ((like.server ?? server) === server && (like.op ?? op) === op && times-- > 0 ? fault : undefined);
}
/** What a call fails with. */
async function failureOf(call: Promise<unknown>): Promise<FileSystemError> {
  const error = await call.then(
    () => undefined,
    (each: unknown) => each,
  );
  expect(error).toBeInstanceOf(FileSystemError);
  return error as FileSystemError;
}
const servers = ({ asked }: FakeHdfs, op: string): readonly string[] => asked.filter((each) => each.op === op).map(({ server }) => server);

afterEach(async () => {
  for (const fake of fakes.splice(0)) await fake.close();
});

describe("hdfsFileSystem, servers in memory", () => {
  fileSystemConformance(it, async () => {
    const fake = await startFakeHdfs();
    return { files: open(fake), another: async () => open(fake), readBack: async (path) => fake.files.get(`/r/${path}`) ?? null, dispose: () => fake.close() };
  });
});

describe("NameNodes", () => {
  it("leaves one that is on stand-by, and stays with the active one", async () => {
    const fake = await fakeHdfs({ nameNodes: 2 });
    fake.fault = ({ server }) => (server === "nn0" ? { status: 403, exception: "StandbyException", message: "Operation category READ is not supported in state standby" } : undefined);
    const files = open(fake);
    await files.replace("a", bytes("1"), signal);
    await files.replace("a", bytes("2"), signal);
    expect(fake.files.get("/r/a")?.toString()).toBe("2");
    expect(fake.asked.filter(({ server }) => server === "nn0")).toHaveLength(1);
  });

  it("leaves one that is away, or answers nothing, and comes back to it", async () => {
    const fake = await fakeHdfs({ nameNodes: 2 });
    const files = hdfsFileSystem({ nameNodes: ["127.0.0.1:1", ...fake.nameNodes], user: "shop", root: "/r", patienceMs: 4_000, timeoutMs: 300 });
    fake.fault = ({ server }) => (server === "nn0" ? "hang" : undefined);
    await files.replace("a", bytes("1"), signal);
    fake.fault = ({ server }) => (server === "nn1" ? "cut" : undefined);
    expect(Buffer.from(await files.read("a", signal)).toString()).toBe("1");
  });

  it("says what is wrong when none is active", async () => {
    const fake = await fakeHdfs();
    fake.fault = () => ({ status: 403, exception: "StandbyException", message: "Operation category READ is not supported in state standby. Visit https://s.apache.org/sbnn-error\n\tat org.apache.Stack" });
    const error = await failureOf(open(fake, { patienceMs: 200 }).read("a/b", signal));
    expect([error.message, error.retryable]).toEqual([
      `reading "/r/a/b" at ${fake.nameNodes[0]}: Operation category READ is not supported in state standby. Visit https://s.apache.org/sbnn-error: StandbyException`,
      true,
    ]);
    expect(error.advice).toMatch(/name all of them in `nameNodes`/);
  });

  it("waits for one that leaves safe mode, and tells of one that does not", async () => {
    const fake = await fakeHdfs();
    const safe: Fault = { status: 403, exception: "SafeModeException", message: "Cannot create /r/a. Name node is in safe mode.\nThe reported blocks 0 needs additional 3 blocks" };
    fake.fault = first(3, { op: "CREATE" }, safe);
    await open(fake).replace("a", bytes("1"), signal);
    expect(servers(fake, "CREATE").filter((each) => each === "nn0")).toHaveLength(4);
    fake.fault = () => safe;
    const error = await failureOf(open(fake, { patienceMs: 100 }).replace("a", bytes("2"), signal));
    expect([error.systemCode, error.retryable]).toEqual(["SafeModeException", true]);
    expect(error.advice).toMatch(/hdfs dfsadmin -safemode leave/);
  });

  it.each<readonly [string, Fault, string, boolean]>([
    ["an overloaded gateway", { status: 503, body: "<html>busy</html>" }, "HTTP 503", true],
    ["an unknown 5xx", { status: 507 }, "HTTP 507", true],
    ["missing rights", { status: 403, exception: "AccessControlException", message: "Permission denied: user=shop, access=WRITE" }, "AccessControlException", false],
    ["no sign-in", { status: 401, body: "<html>Authentication required</html>" }, "HTTP 401", false],
    ["an expired token", { status: 403, exception: "InvalidToken", message: "token (owner=shop) is expired" }, "InvalidToken", false],
    ["a server that is no WebHDFS", { status: 404, body: "not here" }, "HTTP 404", false],
    ["a full quota", { status: 403, exception: "DSQuotaExceededException", message: "The DiskSpace quota of /r is exceeded" }, "DSQuotaExceededException", true],
    ["a NameNode that dies while a DataNode asks it", { status: 400, exception: "EOFException", message: "End of File Exception between local host is: \"dn\"; destination host is: \"nn\":8020; : java.io.EOFException" }, "EOFException", true],
    ["a NameNode that started before its DataNodes reported", { status: 403, exception: "IOException", message: "No active and not excluded nodes contain this block" }, "NoDataNode", true],
    ["an exception nobody knows", { status: 500, exception: "NullPointerException", message: "" }, "NullPointerException", false],
  ])("%s has a code and says whether repeating helps", async (_, fault, code, retryable) => {
    const fake = await fakeHdfs();
    fake.fault = ({ op }) => (op === "CREATE" ? fault : undefined);
    const error = await failureOf(open(fake, { patienceMs: 50 }).replace("a", bytes("1"), signal));
    expect([error.systemCode, error.retryable, fake.files.size]).toEqual([code, retryable, 0]);
    if (!retryable) expect(servers(fake, "CREATE")).toHaveLength(1);
  });
});

describe("DataNodes", () => {
  it("writes and reads past one that is dead", async () => {
    const fake = await fakeHdfs({ dataNodes: 2 });
    fake.fault = ({ server }) => (server === "dn0" ? "cut" : undefined);
    const files = open(fake);
    await files.replace("a", bytes("1"), signal);
    expect(Buffer.from(await files.read("a", signal)).toString()).toBe("1");
    expect(servers(fake, "CREATE")).toEqual(["nn0", "dn0", "nn0", "dn1"]);
  });

  it("asks the same one again when there is no other", async () => {
    const fake = await fakeHdfs();
    fake.fault = first(2, { server: "dn0", op: "CREATE" }, "cut");
    await open(fake).replace("a", bytes("1"), signal);
    expect(fake.files.get("/r/a")?.toString()).toBe("1");
  });

  it.each<readonly [string, Fault]>([
    ["keeps half of it", "short"],
    ["answers 503", { status: 503 }],
    ["does it and is cut off", "lost"],
    ["never answers", "hang"],
  ])("a small file is sent again when a DataNode %s", async (_, fault) => {
    const fake = await fakeHdfs();
    fake.fault = first(1, { server: "dn0", op: "CREATE" }, fault);
    await open(fake, { patienceMs: 5_000 }).replace("a", bytes("whole"), signal);
    expect([...fake.files].map(([path, content]) => [path, content.toString()])).toEqual([["/r/a", "whole"]]);
  });

  it("a file that is short, or changed, is never published", async () => {
    const fake = await fakeHdfs();
    fake.fault = ({ server, op }) => (server === "dn0" && op === "CREATE" ? "short" : undefined);
    const short = await failureOf(open(fake, { patienceMs: 100 }).replace("a", bytes("whole!"), signal));
    expect([short.message.replace(/_tmp-[\w-]+/, "_tmp"), short.retryable]).toEqual([`checking "/r/_tmp": the server has 3 of the 6 bytes that were sent: Changed`, true]);
    fake.fault = ({ op, path }) => {
      const content = fake.files.get(path);
      if (op === "GETFILECHECKSUM" && content) fake.files.set(path, Buffer.from(content).fill("x", 0, 1));
      return undefined;
    };
    expect((await failureOf(open(fake, { patienceMs: 100 }).putIfAbsent("a", bytes("whole!"), signal))).message).toMatch(/its checksum is not that of the bytes that were sent/);
    expect(fake.files.size).toBe(0);
  });

  it("reads a file back where its checksum says nothing", async () => {
    const fake = await fakeHdfs();
    fake.fault = ({ op, server }) => (op === "GETFILECHECKSUM" && server === "dn0" ? { status: 200, body: JSON.stringify({ FileChecksum: { algorithm: "COMPOSITE-CRC32C", bytes: "c6a2b4e7", length: 4 } }) } : undefined);
    const files = open(fake);
    await files.replace("a", bytes("whole"), signal);
    expect(servers(fake, "OPEN")).toEqual(["nn0", "dn0"]);
    const spoilt = fake.fault;
    fake.fault = (asked) => {
      const content = fake.files.get(asked.path);
      if (asked.op === "OPEN" && content) fake.files.set(asked.path, Buffer.from(content).fill("x", 0, 1));
      return spoilt(asked);
    };
    expect((await failureOf(open(fake, { patienceMs: 100 }).replace("a", bytes("other"), signal))).message).toMatch(/read back with other bytes/);
  });

  it("reads again what ended early", async () => {
    const fake = await fakeHdfs();
    const files = open(fake);
    await files.replace("a", bytes("whole"), signal);
    fake.fault = first(2, { server: "dn0", op: "OPEN" }, "short");
    expect(Buffer.from(await files.read("a", signal)).toString()).toBe("whole");
    fake.fault = ({ server }) => (server === "dn0" ? "short" : undefined);
    expect((await failureOf(open(fake, { patienceMs: 100 }).read("a", signal))).retryable).toBe(true);
  });
});

describe("large files", () => {
  const chunk = Buffer.alloc(300_000, "a large file ");

  it("are streamed, in memory that does not grow with them, and are what was sent", async () => {
    const fake = await fakeHdfs();
    const writer = await open(fake, { bufferBytes: 500_000 }).write("a", signal);
    await writer.write(chunk);
    expect(fake.received).toBe(0);
    for (let i = 1; i < 10; i++) await writer.write(chunk);
    await expect.poll(() => fake.received).toBeGreaterThan(1_000_000);
    expect(await writer.commit()).toEqual({ path: "a", bytes: 3_000_000 });
    expect(fake.files.get("/r/a")?.equals(Buffer.concat(Array.from({ length: 10 }, () => chunk)))).toBe(true);
  });

  it.each<readonly [string, Fault]>([
    ["refuses them", { status: 403, exception: "IOException", message: "File /r/a could only be written to 0 of the 1 minReplication nodes" }],
    ["dies", "cut"],
    ["keeps half", "short"],
    ["never answers", "hang"],
  ])("fail, retryable and without a trace, when the DataNode %s", async (_, fault) => {
    const fake = await fakeHdfs();
    await open(fake).replace("a", bytes("old"), signal);
    fake.fault = ({ server, op }) => (server === "dn0" && op === "CREATE" ? fault : undefined);
    const writer = await open(fake, { bufferBytes: 1_000, patienceMs: 500, timeoutMs: 300 }).write("a", signal);
    const error = await failureOf(
      (async () => {
        for (let i = 0; i < 10; i++) await writer.write(chunk);
        await writer.commit();
      })(),
    );
    expect(error.retryable).toBe(true);
    await writer.abort();
    await expect(writer.commit()).rejects.toThrow(ClosedError);
    expect([...fake.files].map(([path, content]) => [path, content.toString()])).toEqual([["/r/a", "old"]]);
  });

  it("begin at another DataNode when the first is dead", async () => {
    const fake = await fakeHdfs({ dataNodes: 2 });
    await fake.kill("dn0");
    const writer = await open(fake, { bufferBytes: 500_000 }).write("a", signal);
    for (let i = 0; i < 4; i++) await writer.write(chunk);
    await writer.commit();
    expect([...fake.files].map(([path, content]) => [path, content.length])).toEqual([["/r/a", 1_200_000]]);
    expect(servers(fake, "CREATE")).toEqual(["nn0", "nn0", "dn1"]);
  });
});

describe("publishing", () => {
  it.each([1, 3])("finds out that a rename was done whose answer was lost (%i times)", async (times) => {
    const fake = await fakeHdfs();
    const files = open(fake);
    fake.fault = first(times, { op: "RENAME" }, "lost");
    await files.replace("a", bytes("1"), signal);
    fake.fault = first(times, { op: "RENAME" }, "lost");
    expect(await files.putIfAbsent("b", bytes("2"), signal)).toBe(true);
    expect([...fake.files].map(([path, content]) => [path, content.toString()]).sort()).toEqual([
      ["/r/a", "1"],
      ["/r/b", "2"],
    ]);
    // And is not taken in when the file is another's.
    fake.fault = first(times, { op: "RENAME" }, "cut");
    expect(await files.putIfAbsent("b", bytes("3"), signal)).toBe(false);
    expect(fake.files.get("/r/b")?.toString()).toBe("2");
  });

  it("a rival that comes between looking and renaming keeps its file", async () => {
    const fake = await fakeHdfs();
    fake.fault = ({ op }) => {
      if (op === "RENAME") fake.files.set("/r/a", Buffer.from("rival"));
      return undefined;
    };
    expect(await open(fake).putIfAbsent("a", bytes("mine"), signal)).toBe(false);
    expect([...fake.files].map(([path, content]) => [path, content.toString()])).toEqual([["/r/a", "rival"]]);
  });

  it("a DELETE that answers false is looked after", async () => {
    const fake = await fakeHdfs();
    const files = open(fake, { patienceMs: 100 });
    await files.remove("nothing", signal);
    await files.replace("a", bytes("1"), signal);
    fake.fault = ({ op }) => (op === "DELETE" ? { status: 200, body: `{"boolean":false}` } : undefined);
    expect((await failureOf(files.remove("a", signal))).message).toMatch(/the server did not remove it and gave no reason/);
  });

  it("a server that ignores renameoptions creates files, and refuses to replace them", async () => {
    const fake = await fakeHdfs({ isHttpFs: true });
    const files = open(fake);
    expect(await files.putIfAbsent("a", bytes("1"), signal)).toBe(true);
    expect(await files.putIfAbsent("a", bytes("2"), signal)).toBe(false);
    const error = await failureOf(files.replace("a", bytes("2"), signal));
    expect([error.message.includes("HttpFS ignores `renameoptions`"), error.retryable]).toEqual([true, false]);
    expect([...fake.files].map(([path, content]) => [path, content.toString()])).toEqual([["/r/a", "1"]]);
  });
});

describe("listing", () => {
  it("goes on page by page, and says so when a server begins again", async () => {
    const fake = await fakeHdfs();
    for (let i = 0; i < 8; i++) fake.files.set(`/r/f${i}`, Buffer.from("1"));
    expect((await open(fake).list("", signal)).map(({ path }) => path)).toEqual(Array.from({ length: 8 }, (_, i) => `f${i}`));
    fake.fault = ({ query }) => void query.delete("startafter");
    expect((await failureOf(open(fake).list("", signal))).message).toMatch(/began again instead of going on after "f2"/);
  });

  it("does without LISTSTATUS_BATCH where a server does not know it", async () => {
    const fake = await fakeHdfs();
    for (let i = 0; i < 8; i++) fake.files.set(`/r/d/f${i}`, Buffer.from("1"));
    fake.fault = ({ op }) => (op === "LISTSTATUS_BATCH" ? { status: 400, exception: "IllegalArgumentException", message: `Invalid value for webhdfs parameter "op"` } : undefined);
    const files = open(fake);
    expect(await files.list("d", signal)).toHaveLength(8);
    expect(await files.list("", signal)).toHaveLength(8);
    expect(servers(fake, "LISTSTATUS_BATCH")).toHaveLength(1);
  });

  it("removes temporary files older than a day, and no younger ones", async () => {
    const fake = await fakeHdfs();
    const now = Date.now();
    await open(fake).replace("d/a", bytes("1"), signal);
    fake.files.set("/r/d/_tmp-1", Buffer.from("half"));
    expect(await open(fake, { clock: simulatedClock(now + 3_600_000) }).list("", signal)).toHaveLength(1);
    expect(fake.files.size).toBe(2);
    fake.files.set("/r/d/_tmp-1", Buffer.from("half"));
    expect(await open(fake, { clock: simulatedClock(now + 90_000_000) }).list("", signal)).toHaveLength(1);
    expect([...fake.files.keys()]).toEqual(["/r/d/a"]);
  });
});

describe("requests", () => {
  it("carry the user, or a token that is fetched anew, and the headers of a gateway, but these not to DataNodes", async () => {
    const fake = await fakeHdfs();
    await open(fake).replace("a", bytes("1"), signal);
    expect(fake.asked.filter(({ server }) => server === "nn0").every(({ query }) => query.get("user.name") === "shop" && !query.has("delegation"))).toBe(true);
    fake.asked.length = 0;
    let token = 0;
    const files = open(fake, { delegationToken: async () => `t+${++token}`, headers: ({ method, url }) => ({ authorization: `Signed ${method} ${url.searchParams.get("op")}` }) });
    await files.replace("a", bytes("1"), signal);
    const [nn, dn] = ["nn0", "dn0"].map((name) => fake.asked.filter(({ server }) => server === name)) as [Asked[], Asked[]];
    expect(nn.map(({ query, headers }) => [query.get("delegation"), query.has("user.name"), headers.authorization]).slice(0, 2)).toEqual([
      ["t+1", false, "Signed PUT CREATE"],
      ["t+2", false, "Signed GET GETSERVERDEFAULTS"],
    ]);
    expect(dn.map(({ headers }) => headers.authorization)).toEqual([undefined, undefined]);
  });

  it("go where a redirect is mapped to, and below a gateway's path", async () => {
    const fake = await fakeHdfs({ dataNodes: 2 });
    const files = hdfsFileSystem({
      nameNodes: [`http://${fake.nameNodes[0]}/gateway/default`],
      root: "/r",
      redirect: (location) => new URL(location.href.replace(location.host, fake.addressOf("dn1"))),
    });
    await files.replace("a", bytes("1"), signal);
    expect([...fake.files.keys()]).toEqual(["/r/a"]);
    expect(fake.asked.every(({ server, prefix }) => prefix === (server === "nn0" ? "/gateway/default" : ""))).toBe(true);
    expect(servers(fake, "CREATE")).toEqual(["nn0", "dn1"]);
  });

  it("are sent for names of all kinds", async () => {
    const fake = await fakeHdfs();
    const files = open(fake);
    for (const name of ["a b+c", "d%20e", "f?g=h&i#j", "k;l=m,n", "é☃", "date=2026-01-01"]) {
      await files.replace(`x/${name}`, bytes(name), signal);
      expect(fake.files.get(`/r/x/${name}`)?.toString()).toBe(name);
      expect(Buffer.from(await files.read(`x/${name}`, signal)).toString()).toBe(name);
    }
    expect(await files.list("x", signal)).toHaveLength(6);
  });

  it("end when the signal aborts or the file system is closed, while a server does not answer", async () => {
    const fake = await fakeHdfs();
    const files = open(fake, { timeoutMs: 60_000, patienceMs: 60_000 });
    await files.replace("a", bytes("1"), signal);
    const stop = new AbortController();
    fake.fault = ({ op }) => {
      if (op !== "OPEN") return undefined;
      setImmediate(() => stop.abort(new Error("enough")));
      return "hang";
    };
    await expect(files.read("a", stop.signal)).rejects.toThrow("enough");
    fake.fault = ({ op }) => {
      if (op !== "OPEN") return undefined;
      setImmediate(() => void files.close());
      return "hang";
    };
    await expect(files.read("a", signal)).rejects.toThrow(ClosedError);
  });
});

it("tells a missing file from a folder and from a file without WebHDFS", async () => {
  const fake = await fakeHdfs();
  const files = open(fake);
  await files.replace("d/a", bytes("1"), signal);
  await expect(files.read("b", signal)).rejects.toThrow(FileNotFoundError);
  await expect(files.read("d/a/b", signal)).rejects.toThrow(FileNotFoundError);
  await files.remove("d/a/b", signal);
  expect(await files.list("d/a", signal)).toEqual([]);
});

it("names files for SQL engines", async () => {
  const base = { root: "/shop/", user: "shop" };
  expect(hdfsFileSystem({ ...base, nameNodes: ["nn1:9870"] }).uri("a/b=1")).toBe("webhdfs://nn1:9870/shop/a/b=1");
  expect(hdfsFileSystem({ ...base, nameNodes: ["https://nn1:9871"] }).uri("a")).toBe("swebhdfs://nn1:9871/shop/a");
  expect(hdfsFileSystem({ ...base, nameNodes: ["nn1:9870"], fileSystemUri: "hdfs://shop/" }).uri("a")).toBe("hdfs://shop/shop/a");
  expect(() => hdfsFileSystem({ ...base, nameNodes: [] })).toThrow(/at least one address/);
  expect(() => hdfsFileSystem({ root: "shop", nameNodes: ["nn1:9870"] })).toThrow(/must be an absolute path/);
});
