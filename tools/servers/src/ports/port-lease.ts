import { randomInt } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { PortTakenError } from "../errors/port-taken-error.js";
import { holdLock } from "../process/hold-lock.js";
import type { ProcessRecord } from "../process/process-record.js";
import { startMark } from "../process/start-mark.mjs";
import { listenRefusal } from "./listen-refusal.js";

/** Below the ports that systems give to outgoing connections: one of those would take a port while its server is down. */
const FIRST = 20_000;
const END = 32_000;

/** A port that is wanted: a number, or any. It is free on each of the addresses. */
export interface PortWish {
  readonly port: number | undefined;
  readonly hosts: readonly string[];
}

/** Whose a port is, and for which instance. */
type Owners = Record<string, ProcessRecord & { readonly holder: string }>;

/** Ports that no other lease on this machine has, for as long as their owner lives. */
export interface PortLease {
  /** As wished, in order. */
  readonly ports: readonly number[];
  /** Gives a port to a server that outlives us. */
  handTo(port: number, owner: ProcessRecord): Promise<void>;
  release(): Promise<void>;
}

/**
 * Takes ports for this process. Between the look at a free port and the moment its server listens, seconds pass in which
 * two instances would choose the same; so every choice is written down in one file of this user, under a lock, with
 * the process that made it. What dead processes had is free again.
 *
 * @param holder what the ports are for: who asks again for the same gets the same
 * @throws {PortTakenError} a wished port is not free
 */
export async function leasePorts(wishes: readonly PortWish[], holder: string): Promise<PortLease> {
  const self = { pid: process.pid, mark: startMark(process.pid)!, holder };
  const ports = await withOwners(async (owners) => {
    const chosen: number[] = [];
    for (const { port, hosts } of wishes) {
      const taken = port === undefined ? await anyFree(owners, hosts) : await thisOne(port, owners, hosts, holder);
      owners[taken] = self;
      chosen.push(taken);
    }
    return chosen;
  });
  return {
    ports,
    handTo: (port, owner) =>
      withOwners((owners) => {
        owners[port] = { ...owner, holder };
      }),
    release: () =>
      withOwners((owners) => {
        for (const port of ports) if (owners[port]?.pid === self.pid && owners[port].holder === holder) delete owners[port];
      }),
  };
}

async function anyFree(owners: Owners, hosts: readonly string[]): Promise<number> {
  const first = randomInt(FIRST, END);
  let refusal: unknown;
  for (let n = 0; n < END - FIRST; n++) {
    const port = FIRST + ((first - FIRST + n) % (END - FIRST));
    if (owners[port] !== undefined) continue;
    refusal = await listenRefusal(port, hosts);
    if (refusal === undefined) return port;
    if ((refusal as NodeJS.ErrnoException).code !== "EADDRINUSE") break;
  }
  throw new PortTakenError(first, `no port is free on ${hosts.join(", ")}`, { cause: refusal, advice: addressAdvice(hosts) });
}

async function thisOne(port: number, owners: Owners, hosts: readonly string[], holder: string): Promise<number> {
  const owner = owners[port];
  if (owner !== undefined && owner.holder !== holder) throw new PortTakenError(port, `process ${owner.pid} has reserved it for its servers`);
  const refusal = await listenRefusal(port, hosts);
  if (refusal !== undefined) throw new PortTakenError(port, `it cannot be listened on at ${hosts.join(", ")}`, { cause: refusal });
  return port;
}

const addressAdvice = (hosts: readonly string[]): string =>
  hosts.some((host) => host !== "127.0.0.1") ? "on macOS add the address first: sudo ifconfig lo0 alias 127.0.0.2 up (and 127.0.0.3)" : "stop what uses them";

async function withOwners<T>(change: (owners: Owners) => T | Promise<T>): Promise<T> {
  const dir = path.join(os.tmpdir(), `millrace-ports-${process.getuid?.() ?? "user"}`);
  mkdirSync(dir, { recursive: true });
  const file = path.join(dir, "owners.json");
  const lock = await holdLock(dir, "owners");
  try {
    const owners = readOwners(file);
    for (const [port, { pid, mark }] of Object.entries(owners)) if (startMark(pid) !== mark) delete owners[port];
    const result = await change(owners);
    writeFileSync(`${file}.new`, JSON.stringify(owners));
    renameSync(`${file}.new`, file);
    return result;
  } finally {
    await lock.release();
  }
}

function readOwners(file: string): Owners {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Owners;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw error;
  }
}
