import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/**
 * When the process with this id began, as text that never changes while it runs: an id alone is given to another
 * process after the first has ended. Undefined when there is none, or only a zombie that nobody has reaped.
 *
 * @param {number} pid
 * @returns {string | undefined}
 */
export function startMark(pid) {
  if (process.platform === "linux") {
    let stat;
    try {
      stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    } catch {
      return undefined;
    }
    // The name of the program stands in parentheses and may contain anything; after it come the state and, as 20th, the start in clock ticks.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19];
  }
  try {
    const line = execFileSync("ps", ["-o", "stat=,lstart=", "-p", String(pid)], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
    return line === "" || line.startsWith("Z") ? undefined : line.replace(/^\S+\s+/, "");
  } catch {
    return undefined;
  }
}
