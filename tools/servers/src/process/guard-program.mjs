// Outlives the process that started it by a few seconds: when that one is gone, however it went, its standard input
// ends here, and every server that it still had is stopped and every folder of no more use removed.
import { rmSync } from "node:fs";
import { createInterface } from "node:readline";
import { startMark } from "./start-mark.mjs";

/** How long a server may take to end by itself. */
const GRACE_MS = 8_000;

/** @type {Map<number, { readonly mark: string, readonly discard: boolean }>} */
const watched = new Map();
/** @type {Set<string>} */
const folders = new Set();

for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) process.on(signal, () => {});

createInterface({ input: process.stdin })
  .on("line", (line) => {
    const { watch, release, remove, keep } = JSON.parse(line);
    if (watch !== undefined) watched.set(watch.pid, watch);
    if (release !== undefined) watched.delete(release);
    if (remove !== undefined) folders.add(remove);
    if (keep !== undefined) folders.delete(keep);
  })
  .on("close", () => {
    const startedAt = performance.now();
    // Who has data to keep ends by itself; a paused process takes no signal but these.
    for (const [pid, { mark, discard }] of watched) send(pid, mark, discard ? ["SIGKILL"] : ["SIGCONT", "SIGTERM"]);
    const timer = setInterval(() => {
      for (const [pid, { mark }] of watched) {
        if (startMark(pid) !== mark) watched.delete(pid);
        else if (performance.now() - startedAt > GRACE_MS) send(pid, mark, ["SIGKILL"]);
      }
      if (watched.size > 0) return;
      clearInterval(timer);
      for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    }, 50);
  });

/** @param {number} pid @param {string} mark @param {readonly NodeJS.Signals[]} signals */
function send(pid, mark, signals) {
  for (const signal of signals) {
    try {
      if (startMark(pid) === mark) process.kill(pid, signal);
    } catch {
      // It ended in between.
    }
  }
}
