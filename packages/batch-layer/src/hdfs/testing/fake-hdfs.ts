import http from "node:http";
import type { AddressInfo } from "node:net";
import { HdfsChecksum } from "../hdfs-checksum.js";

/** What a server of the stand-in is asked. */
export interface Asked {
  /** `nn0`, `nn1`, `dn0`, `dn1`. */
  readonly server: string;
  readonly op: string;
  /** In HDFS. */
  readonly path: string;
  /** What comes before `/webhdfs/v1`. */
  readonly prefix: string;
  readonly query: URLSearchParams;
  readonly headers: http.IncomingHttpHeaders;
}

/** What it does instead of what it should. */
export type Fault =
  | { readonly status: number; readonly exception?: string; readonly message?: string; readonly body?: string }
  /** The connection ends without an answer, nothing was done. */
  | "cut"
  /** It is done, and the connection ends without an answer. */
  | "lost"
  /** No answer ever. */
  | "hang"
  /** Half of what is sent or read. */
  | "short";

/** A stand-in for HDFS: NameNodes and DataNodes over `node:http`, with what the real ones were seen to answer. */
export interface FakeHdfs {
  /** Addresses of the NameNodes. */
  readonly nameNodes: readonly string[];
  readonly files: Map<string, Buffer>;
  readonly asked: Asked[];
  /** Decides about each request; undefined lets it be served. */
  fault: (asked: Asked) => Fault | undefined;
  /** Bytes of what DataNodes have received of files so far. */
  received: number;
  /** `host:port`. */
  addressOf(server: string): string;
  /** Ends a server: nobody listens at its address any more. */
  kill(server: string): Promise<void>;
  close(): Promise<void>;
}

const BLOCK_BYTES = 2 ** 20;
const PAGE = 3;

/** Starts one. */
export async function startFakeHdfs({ nameNodes = 1, dataNodes = 1, isHttpFs = false } = {}): Promise<FakeHdfs> {
  const files = new Map<string, Buffer>();
  const folders = new Set<string>(["/"]);
  const modified = new Map<string, number>();
  const servers = new Map<string, http.Server>();
  const asked: Asked[] = [];
  const addresses = new Map<string, string>();
  const fake: FakeHdfs = {
    nameNodes: [],
    files,
    asked,
    fault: () => undefined,
    received: 0,
    addressOf: (name) => addresses.get(name)!,
    async kill(name) {
      const server = servers.get(name)!;
      servers.delete(name);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
    async close() {
      for (const name of [...servers.keys()]) await fake.kill(name);
    },
  };

  const json = (response: http.ServerResponse, status: number, body: unknown): void => {
    const text = JSON.stringify(body);
    response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text) }).end(text);
  };
  const refuse = (response: http.ServerResponse, status: number, exception: string, message: string): void => json(response, status, { RemoteException: { exception, javaClassName: `java.${exception}`, message } });
  const statusOf = (path: string, name: string) => ({
    pathSuffix: name,
    type: files.has(path) ? "FILE" : "DIRECTORY",
    length: files.get(path)?.length ?? 0,
    modificationTime: modified.get(path) ?? Date.now(),
    blockSize: files.has(path) ? BLOCK_BYTES : 0,
  });
  const isFolder = (path: string): boolean => folders.has(path) || [...files.keys()].some((file) => file.startsWith(path === "/" ? "/" : `${path}/`));
  const store = (path: string, content: Buffer): void => {
    files.set(path, content);
    modified.set(path, Date.now());
    for (let at = path.lastIndexOf("/"); at > 0; at = path.lastIndexOf("/", at - 1)) folders.add(path.slice(0, at));
  };
  const fileAbove = (path: string): string | undefined => [...files.keys()].find((file) => path.startsWith(`${file}/`));

  const nameNode = ({ op, path, query }: Asked, response: http.ServerResponse): void => {
    const above = fileAbove(path);
    if (above !== undefined && op !== "OPEN") return refuse(response, 403, "AccessControlException", `${above} (is not a directory)`);
    const missing = (): void => refuse(response, 404, "FileNotFoundException", `File ${path} does not exist.`);
    switch (op) {
      case "GETSERVERDEFAULTS":
        return json(response, 200, { FsServerDefaults: { blockSize: BLOCK_BYTES } });
      case "GETFILESTATUS":
        return files.has(path) || isFolder(path) ? json(response, 200, { FileStatus: statusOf(path, "") }) : missing();
      case "LISTSTATUS_BATCH":
      case "LISTSTATUS": {
        if (!files.has(path) && !isFolder(path)) return missing();
        const prefix = path === "/" ? "/" : `${path}/`;
        const names = [...new Set([...files.keys(), ...folders].filter((each) => each.startsWith(prefix) && each !== "/").map((each) => each.slice(prefix.length).split("/")[0]!))].sort();
        const statuses = files.has(path) ? [statusOf(path, "")] : names.map((name) => statusOf(`${prefix}${name}`, name));
        if (op === "LISTSTATUS") return json(response, 200, { FileStatuses: { FileStatus: statuses } });
        const after = query.get("startafter") ?? "";
        const left = statuses.filter(({ pathSuffix }) => after === "" || pathSuffix > after);
        return json(response, 200, { DirectoryListing: { partialListing: { FileStatuses: { FileStatus: left.slice(0, PAGE) } }, remainingEntries: Math.max(0, left.length - PAGE) } });
      }
      case "RENAME": {
        const to = query.get("destination")!;
        const content = files.get(path);
        const option = isHttpFs ? null : query.get("renameoptions");
        if (option === null) {
          const can = content !== undefined && !files.has(to);
          if (can) {
            files.delete(path);
            store(isFolder(to) ? `${to}/${path.slice(path.lastIndexOf("/") + 1)}` : to, content);
          }
          return json(response, 200, { boolean: can });
        }
        if (content === undefined) return refuse(response, 404, "FileNotFoundException", `rename source ${path} is not found.`);
        if (isFolder(to)) return refuse(response, 403, "IOException", `Source ${path} and destination ${to} must both be directories`);
        if (files.has(to) && option !== "OVERWRITE") return refuse(response, 403, "FileAlreadyExistsException", `rename destination ${to} already exists`);
        files.delete(path);
        store(to, content);
        return void response.writeHead(200, { "content-length": 0 }).end();
      }
      case "DELETE": {
        const gone = [...files.keys(), ...folders].filter((each) => each === path || each.startsWith(`${path}/`));
        for (const each of gone) {
          files.delete(each);
          folders.delete(each);
        }
        return json(response, 200, { boolean: gone.length > 0 });
      }
      case "CREATE":
        if (files.has(path) && query.get("overwrite") !== "true") return refuse(response, 403, "FileAlreadyExistsException", `${path} already exists`);
        break;
      case "OPEN":
      case "GETFILECHECKSUM":
        if (!files.has(path)) return missing();
        break;
      default:
        return refuse(response, 400, "IllegalArgumentException", `Invalid value for webhdfs parameter "op": ${op} is not a valid operation.`);
    }
    const host = [...addresses].find(([name, address]) => name.startsWith("dn") && !(query.get("excludedatanodes") ?? "").split(",").includes(address.split(":")[0]!))?.[1];
    if (host === undefined) return refuse(response, 403, "IOException", `Failed to find datanode, suggest to check cluster health. excludeDatanodes=${query.get("excludedatanodes")}`);
    response.writeHead(307, { location: `http://${host}/webhdfs/v1${path.split("/").map(encodeURIComponent).join("/")}?op=${op}`, "content-length": 0 }).end();
  };

  const dataNode = ({ op, path }: Asked, body: Buffer, fault: Fault | undefined, response: http.ServerResponse): void => {
    if (op === "CREATE") {
      store(path, fault === "short" ? body.subarray(0, body.length >> 1) : body);
      return void response.writeHead(201, { "content-length": 0 }).end();
    }
    const content = files.get(path);
    if (content === undefined) return refuse(response, 404, "FileNotFoundException", `File ${path} does not exist.\n\tat java.stack`);
    if (op === "GETFILECHECKSUM") {
      const checksum = new HdfsChecksum(BLOCK_BYTES);
      checksum.update(content);
      return json(response, 200, { FileChecksum: { algorithm: "MD5-of-2048MD5-of-512CRC32C", bytes: `000002000000000000000800${checksum.digest()}00000000`, length: 28 } });
    }
    response.writeHead(200, { "content-length": content.length });
    if (fault !== "short") return void response.end(content);
    response.write(content.subarray(0, content.length >> 1), () => response.destroy());
  };

  const start = async (name: string, host: string): Promise<void> => {
    const server = http.createServer((request, response) => {
      const url = new URL(request.url!, "http://server");
      const [prefix, path] = decodeURIComponent(url.pathname).split("/webhdfs/v1") as [string, string];
      const each: Asked = { server: name, op: url.searchParams.get("op")!.toUpperCase(), prefix, path: path || "/", query: url.searchParams, headers: request.headers };
      asked.push(each);
      const fault = fake.fault(each);
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => {
        fake.received += chunk.length;
        chunks.push(chunk);
      });
      if (fault === "cut") return void request.socket.destroy();
      if (fault === "hang") return;
      if (typeof fault === "object") {
        // At once, also in the middle of a body.
        if (fault.exception !== undefined) refuse(response, fault.status, fault.exception, fault.message ?? "");
        else response.writeHead(fault.status).end(fault.body ?? "");
        return;
      }
      request.once("end", () => {
        if (fault === "lost") {
          const silent = new Proxy(response, { get: (_, key) => (key === "writeHead" || key === "end" || key === "write" ? () => silent : Reflect.get(response, key)) }) as http.ServerResponse;
          if (name.startsWith("nn")) nameNode(each, silent);
          else dataNode(each, Buffer.concat(chunks), undefined, silent);
          request.socket.destroy();
        } else if (name.startsWith("nn")) nameNode(each, response);
        else dataNode(each, Buffer.concat(chunks), fault, response);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, host, resolve));
    servers.set(name, server);
    addresses.set(name, `${host}:${(server.address() as AddressInfo).port}`);
  };
  // DataNodes are told apart by their hosts, as HDFS does.
  for (let i = 0; i < dataNodes; i++) await start(`dn${i}`, `127.0.0.${i + 2}`);
  for (let i = 0; i < nameNodes; i++) await start(`nn${i}`, "127.0.0.1");
  return Object.assign(fake, { nameNodes: [...addresses].filter(([name]) => name.startsWith("nn")).map(([, address]) => address) });
}
