import type { CommandLine } from "@millrace/servers";
import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { treeUsage, type TreeUsage } from "./process-tree.js";

/** What a peer says: measured work begins, or pauses; it is ready for events to come; or what a round has computed. */
export type PeerMessage = { readonly event: "start" | "stop" | "ready" } | { readonly event: "result"; readonly result: unknown };

const MARK = "@peer ";
const SAMPLE_MS = 200;
/** Lines of its errors that are told when it fails. */
const TAIL_LINES = 25;

/**
 * The program of a peer. It says one message a line and waits for an answer to each but a result; that its input ends
 * tells it to end. CPU and memory are those of the process and all that it has started.
 */
export class PeerProcess {
  readonly #name: string;
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #tail: string[] = [];
  readonly #ended: Promise<void>;
  readonly #sampling: NodeJS.Timeout;
  #peakMb = 0;

  /** @param limitMs it is killed when it takes longer */
  constructor(name: string, { file, args, cwd, env }: CommandLine, limitMs: number) {
    this.#name = name;
    const child = spawn(file, args, { ...(cwd === undefined ? {} : { cwd }), env: { ...process.env, ...env }, stdio: ["pipe", "pipe", "pipe"], timeout: limitMs, killSignal: "SIGKILL" });
    this.#child = child;
    this.#ended = new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", () => resolve());
    });
    // Who asks for the next message is told.
    this.#ended.catch(() => {});
    child.stdin.on("error", () => {});
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    createInterface({ input: child.stderr }).on("line", (line) => {
      this.#tail.push(line);
      if (this.#tail.length > TAIL_LINES) this.#tail.shift();
    });
    this.#sampling = setInterval(() => this.usage(), SAMPLE_MS);
  }

  /** The next message; undefined once it has ended as it should. Other lines are passed over. */
  async next(): Promise<PeerMessage | undefined> {
    for (;;) {
      const { value, done } = await this.#lines.next();
      if (done !== true && !value.startsWith(MARK)) continue;
      if (done !== true) return JSON.parse(value.slice(MARK.length)) as PeerMessage;
      await this.#ended;
      const { exitCode, signalCode } = this.#child;
      if (exitCode !== 0) throw new Error(`running peer "${this.#name}": it ended with ${exitCode ?? signalCode}${this.#tail.map((line) => `\n  ${line}`).join("")}`);
      return undefined;
    }
  }

  /** @throws {Error} when it says something else */
  async expect(event: "start" | "stop" | "ready"): Promise<void> {
    const message = await this.next();
    if (message?.event !== event) throw new Error(`running peer "${this.#name}": it said "${message?.event ?? "nothing"}" where "${event}" was due`);
  }

  answer(): void {
    this.#child.stdin!.write("\n");
  }

  usage(): TreeUsage {
    const usage = this.#child.pid === undefined ? { cpuMs: 0, residentMb: 0 } : treeUsage(this.#child.pid);
    this.#peakMb = Math.max(this.#peakMb, usage.residentMb);
    return usage;
  }

  /** Largest sample of the resident sets together, MB. */
  get peakMb(): number {
    return this.#peakMb;
  }

  /** Ends it, if it still runs. */
  async close(): Promise<void> {
    clearInterval(this.#sampling);
    this.#child.kill("SIGKILL");
    await this.#ended.catch(() => {});
  }
}
