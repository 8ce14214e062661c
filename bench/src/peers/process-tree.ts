import { readFileSync, readdirSync } from "node:fs";

/** What a process and all that it has started use. */
export interface TreeUsage {
  /** Of all threads since their start; of ended children once their parent has taken note. */
  readonly cpuMs: number;
  /** Resident set now, MB. */
  readonly residentMb: number;
}

/** Linux tells times in hundredths of a second, whatever the kernel's own clock. */
const TICK_MS = 10;
const PAGE_MB = 4_096 / 2 ** 20;

interface Entry {
  readonly parent: number;
  readonly cpuMs: number;
  readonly residentMb: number;
}

/**
 * Reads `/proc`, which other systems than Linux do not have. A process that is gone uses nothing.
 *
 * @throws {Error} on other systems
 */
export function treeUsage(root: number): TreeUsage {
  if (process.platform !== "linux") throw new Error(`measuring a tree of processes: this needs Linux, not "${process.platform}"`);
  const children = new Map<number, number[]>();
  const entries = new Map<number, Entry>();
  for (const name of readdirSync("/proc")) {
    const pid = Number(name);
    const entry = Number.isInteger(pid) ? readEntry(pid) : undefined;
    if (entry === undefined) continue;
    entries.set(pid, entry);
    const siblings = children.get(entry.parent);
    if (siblings === undefined) children.set(entry.parent, [pid]);
    else siblings.push(pid);
  }
  let cpuMs = 0;
  let residentMb = 0;
  const open = [root];
  for (let pid = open.pop(); pid !== undefined; pid = open.pop()) {
    const entry = entries.get(pid);
    if (entry === undefined) continue;
    cpuMs += entry.cpuMs;
    residentMb += entry.residentMb;
    open.push(...(children.get(pid) ?? []));
  }
  return { cpuMs, residentMb };
}

function readEntry(pid: number): Entry | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, "latin1");
  } catch {
    // It has ended in the meantime.
    return undefined;
  }
  // After the name, which may hold anything: state, parent, ...; fields as in proc(5), whose third is our first.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ").map(Number);
  const field = (number: number) => fields[number - 3]!;
  return { parent: field(4), cpuMs: (field(14) + field(15) + field(16) + field(17)) * TICK_MS, residentMb: field(24) * PAGE_MB };
}
