import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { promisify } from "node:util";

interface Entry {
  readonly pid: number;
  readonly parent: number;
  readonly kb: number;
}

/**
 * Resident memory of processes with all that descend from them, MB by process id. Pages that processes share are counted
 * for each: it is rather too much than too little.
 */
export async function residentMemory(pids: readonly number[]): Promise<ReadonlyMap<number, number>> {
  const entries = process.platform === "linux" ? await fromProc() : await fromPs();
  const children = groupByParent(entries);
  const kb = new Map(entries.map((entry) => [entry.pid, entry.kb]));
  const total = (pid: number): number => (kb.get(pid) ?? 0) + (children.get(pid) ?? []).reduce((sum, child) => sum + total(child.pid), 0);
  return new Map(pids.map((pid) => [pid, Math.round(total(pid) / 1_024)]));
}

function groupByParent(entries: readonly Entry[]): Map<number, Entry[]> {
  const children = new Map<number, Entry[]>();
  for (const entry of entries) {
    const siblings = children.get(entry.parent);
    if (siblings) siblings.push(entry);
    else children.set(entry.parent, [entry]);
  }
  return children;
}

async function fromProc(): Promise<readonly Entry[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const entries = await Promise.all(
    pids.map(async (pid): Promise<readonly Entry[]> => {
      // It may have ended in between.
      const text = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
      const field = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(text)?.[1] ?? 0);
      return text === "" ? [] : [{ pid: Number(pid), parent: field("PPid"), kb: field("VmRSS") }];
    }),
  );
  return entries.flat();
}

async function fromPs(): Promise<readonly Entry[]> {
  const { stdout } = await promisify(execFile)("ps", ["-A", "-o", "pid=,ppid=,rss="]);
  return stdout
    .trim()
    .split("\n")
    .map((line) => {
      const [pid, parent, kb] = line.trim().split(/\s+/).map(Number);
      return { pid: pid!, parent: parent!, kb: kb! };
    });
}
