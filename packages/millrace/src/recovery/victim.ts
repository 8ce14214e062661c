import { spawn, type ChildProcess } from "node:child_process";

/** A child process that is killed and started again. Its first output is the sign that it is at work. */
export class Victim {
  readonly name: string;
  readonly #args: readonly string[];
  readonly #env: NodeJS.ProcessEnv;
  #child: ChildProcess | undefined;
  #ready: Promise<void> = Promise.resolve();
  #output = "";
  kills = 0;

  constructor(name: string, args: readonly string[], env: NodeJS.ProcessEnv) {
    this.name = name;
    this.#args = args;
    this.#env = env;
  }

  /** What the running child printed so far. */
  get output(): string {
    return this.#output;
  }

  start(): void {
    const child = spawn(process.execPath, this.#args, { env: { ...process.env, ...this.#env }, stdio: ["ignore", "pipe", "pipe"] });
    this.#child = child;
    this.#output = "";
    this.#ready = new Promise((resolve) => {
      const take = (chunk: Buffer) => {
        this.#output += chunk.toString();
        resolve();
      };
      child.stdout.on("data", take);
      child.stderr.on("data", take);
      child.once("exit", () => resolve());
    });
  }

  /** Resolves once the child has printed something, or has ended. */
  ready(): Promise<void> {
    return this.#ready;
  }

  /** @throws {Error} with what it printed, when the child has ended on its own. */
  assertAlive(): void {
    const child = this.#child;
    if (child !== undefined && (child.exitCode !== null || (child.signalCode !== null && child.signalCode !== "SIGKILL")))
      throw new Error(`${this.name} ended on its own (${child.exitCode ?? child.signalCode}):\n${this.#output}`);
  }

  /** `kill -9`, and resolves once the process is gone. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
    this.kills++;
  }

  /** It stands still, as on a machine that sleeps: connections stay open. */
  pause(): void {
    this.#child?.kill("SIGSTOP");
  }

  /** It goes on as if nothing had been. */
  resume(): void {
    this.#child?.kill("SIGCONT");
  }

  /** Asks it to stop, and resolves once it has. */
  stop(): Promise<void> {
    return this.#end("SIGTERM");
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    await gone;
  }
}
