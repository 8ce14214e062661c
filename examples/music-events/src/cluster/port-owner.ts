import { listenRefusal } from "@millrace/servers";
import { execFile } from "node:child_process";
import { readdir, readFile, readlink } from "node:fs/promises";
import { promisify } from "node:util";

/** Whether nobody listens on a port of 127.0.0.1. */
export const isFree = async (port: number): Promise<boolean> => (await listenRefusal(port, ["127.0.0.1"])) === undefined;

/** Who listens on a port: `process 4711 (java -Xmx512m ...)`; undefined where this user may not know. */
export async function portOwner(port: number): Promise<string | undefined> {
  const pid = process.platform === "linux" ? await ownerByProc(port) : await ownerByLsof(port);
  if (pid === undefined) return undefined;
  const command = process.platform === "linux" ? (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).replaceAll("\0", " ") : (await run("ps", ["-o", "command=", "-p", pid])).trim();
  return `process ${pid}${command === "" ? "" : ` (${command.length > 80 ? `${command.slice(0, 80)}...` : command.trim()})`}`;
}

/** State of a socket that listens, in /proc/net/tcp. */
const LISTEN = "0A";

async function ownerByProc(port: number): Promise<string | undefined> {
  const tables = await Promise.all(["tcp", "tcp6"].map((name) => readFile(`/proc/net/${name}`, "utf8").catch(() => "")));
  const inodes = new Set<string>();
  for (const line of tables.join("\n").split("\n")) {
    const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
    if (state === LISTEN && inode !== undefined && parseInt(local!.split(":")[1]!, 16) === port) inodes.add(`socket:[${inode}]`);
  }
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    for (const fd of await readdir(`/proc/${pid}/fd`).catch(() => [])) {
      const target = await readlink(`/proc/${pid}/fd/${fd}`).catch(() => "");
      if (inodes.has(target)) return pid;
    }
  }
  return undefined;
}

async function ownerByLsof(port: number): Promise<string | undefined> {
  return /^p(\d+)$/m.exec(await run("lsof", ["-nP", `-iTCP:${port}`, "-sTCP:LISTEN", "-Fp"]))?.[1];
}

const run = (file: string, args: readonly string[]): Promise<string> =>
  promisify(execFile)(file, [...args]).then(
    ({ stdout }) => stdout,
    () => "",
  );
