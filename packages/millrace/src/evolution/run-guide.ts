import { spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { ManifestCatalog, readGridRecord } from "@millrace/core";
import { embedded } from "../embedded/embedded.js";

const root = fileURLToPath(new URL("../../../../", import.meta.url));
const command = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));
const never = new AbortController().signal;

/** How long a command that changes nothing is asked again for what the guide says, ms. */
const PATIENCE_MS = 30_000;
const READING = /^millrace (query|reconcile|describe|doctor|dead-letters list|batch (plan|list)|erase .*(--status|--dry-run))/;
const PUBLISHING = /^millrace (batch run|erase)/;

interface Step {
  readonly line: string;
  /** What it prints; a line `...` stands for any lines. */
  readonly printed: readonly string[];
}

/** Set to `write`, the guides get what their commands print, for a person to read before it is committed. */
const WRITES = process.env["MILLRACE_GUIDES"] === "write";

/** A command that printed something else than the guide says. */
export class GuideError extends Error {}

/**
 * Does what a guide says, in a folder of its own: writes its files (a fence with a file name), runs the commands of its
 * consoles (lines that begin with `$`) and compares what they print, but for instants, durations, hashes and process ids.
 * A command that ends in `&` goes on in the background until `kill`.
 */
export async function runGuide(file: string): Promise<{ readonly commands: number }> {
  const text = await readFile(path.join(root, file), "utf8");
  const folder = await mkdtemp(path.join(tmpdir(), "millrace-guide-"));
  const session = new Session(folder);
  let commands = 0;
  let written = text;
  try {
    await symlink(path.join(root, "node_modules"), path.join(folder, "node_modules"));
    for (const [, info, content] of text.matchAll(/^```(\S+(?: \S+)?)\n(.*?)^```$/gms)) {
      const [language, name] = info!.split(" ");
      if (name !== undefined) await writeFile(path.join(folder, name), content!);
      else if (language === "console") {
        let block = "";
        for (const step of stepsOf(content!)) {
          const printed = await session.take(step);
          block += `$ ${step.line}\n${printed === "" ? "" : `${printed}\n`}`;
          commands++;
        }
        if (WRITES) written = written.replace(content!, () => block);
      }
    }
  } finally {
    await session.end();
    await rm(folder, { recursive: true, force: true });
    if (written !== text) await writeFile(path.join(root, file), written);
  }
  return { commands };
}

function stepsOf(content: string): readonly Step[] {
  const steps: { line: string; printed: string[] }[] = [];
  for (const line of content.trimEnd().split("\n")) {
    if (line.startsWith("$ ")) steps.push({ line: line.slice(2), printed: [] });
    // A command may go on in the next lines.
    else if (steps.at(-1)!.line.endsWith("\\") || (steps.at(-1)!.printed.length === 0 && /^> /.test(line))) steps.at(-1)!.line += `\n${line.replace(/^> /, "")}`;
    else steps.at(-1)!.printed.push(line);
  }
  return steps;
}

class Session {
  readonly #folder: string;
  #background: { readonly line: string; readonly child: ChildProcess; readonly ended: Promise<unknown>; output: string }[] = [];

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** What is printed, as far as the guide shows it. */
  async take({ line, printed }: Step): Promise<string> {
    const expected = printed.join("\n");
    if (line.startsWith("kill")) {
      await this.end();
      return expected;
    }
    if (line.endsWith("&")) {
      this.#start(line.slice(0, -1).trim());
      return expected;
    }
    if (WRITES || (PUBLISHING.test(line) && !READING.test(line))) await this.#settled();
    const until = Date.now() + (READING.test(line) ? PATIENCE_MS : 0);
    for (;;) {
      const output = await this.#run(line);
      if (matches(output, expected)) return expected;
      if (WRITES) return output;
      if (Date.now() >= until) {
        const others = this.#background.map((each) => `--- ${each.line}\n${each.output}`).join("\n");
        throw new GuideError(`$ ${line}\n${output}\n--- but the guide says\n${printed.join("\n")}\n${others}`);
      }
    }
  }

  async end(): Promise<void> {
    for (const { child } of this.#background) child.kill("SIGTERM");
    await Promise.all(this.#background.map(({ ended }) => ended));
    this.#background = [];
  }

  #start(line: string): void {
    const child = spawn(process.execPath, [command, ...line.split(" ").slice(1)], { cwd: this.#folder, stdio: ["ignore", "pipe", "pipe"] });
    const started = { line, child, ended: new Promise((resolve) => child.once("exit", resolve)), output: "" };
    const take = (chunk: Buffer) => (started.output += chunk.toString());
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    this.#background.push(started);
  }

  /** Both streams, as a terminal shows them. */
  #run(line: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const child = spawn("bash", ["-c", `millrace() { ${process.execPath} ${command} "$@"; }\n${line}`], { cwd: this.#folder, stdio: ["ignore", "pipe", "pipe"] });
      let output = "";
      const take = (chunk: Buffer) => (output += chunk.toString());
      child.stdout.on("data", take);
      child.stderr.on("data", take);
      child.once("error", reject);
      child.once("close", () => resolve(output.trimEnd()));
    });
  }

  /** What is full is sealed, and the speed layers have read everything. */
  async #settled(): Promise<void> {
    const platform = embedded(path.join(this.#folder, "data"));
    try {
      for (const topic of await platform.log.topics(never)) {
        const { partitions } = await platform.log.describe(topic, never);
        for (const { partition, logVersion, end } of partitions) {
          if (this.#runs("ingest")) await until(`ingest of ${topic}`, async () => {
            const record = await readGridRecord(platform.files, topic, partition, never);
            if (record === null) return end === 0;
            const catalog = new ManifestCatalog(platform.files, topic);
            await catalog.refresh(never);
            const sealed = catalog.ends(partition, logVersion).at(-1) ?? record.origin;
            return end <= sealed + nextBoundaryAfter(record.grid.segmentOffsets, sealed);
          });
          for (const pid of this.#pids("speed")) {
            await until(`the speed layer of ${topic}`, async () =>
              (await platform.store.readHeartbeats(topic, never)).some((heartbeat) => heartbeat.worker === `${pid}` && heartbeat.partition === partition && heartbeat.position >= end),
            );
          }
        }
      }
      // A heartbeat may tell of what is about to be durable.
      await delay(200);
    } finally {
      for (const port of [platform.engine, platform.store, platform.log, platform.files]) await port.close();
    }
  }

  #runs(job: string): boolean {
    return this.#pids(job).length > 0;
  }

  #pids(job: string): readonly number[] {
    return this.#background.filter(({ line }) => line.startsWith(`millrace ${job}`)).map(({ child }) => child.pid!);
  }
}

/** How many records the segment that begins at `first` may have, as far as offsets cut it. */
const nextBoundaryAfter = (segmentOffsets: number, first: number): number => segmentOffsets - (first % segmentOffsets);

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + PATIENCE_MS; !(await holds()); await delay(100)) if (Date.now() >= deadline) throw new GuideError(`waited in vain for ${what}`);
}

function matches(output: string, expected: string): boolean {
  const parts = plain(expected).split(/^\.\.\.$/m).map((part) => part.trim());
  const text = plain(output);
  if (parts.length === 1) return text === parts[0];
  let at = 0;
  for (const [i, part] of parts.entries()) {
    const found = text.indexOf(part, at);
    if (found < 0 || (i === 0 && found !== 0)) return false;
    at = found + part.length;
  }
  return parts.at(-1) === "" || text.endsWith(parts.at(-1)!);
}

/** Without what differs from run to run. */
const plain = (text: string): string =>
  text
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z/g, (instant) => (instant.startsWith("2025-") ? instant : "<instant>"))
    .replaceAll(/[\d,]+ ms\b/g, "<n> ms")
    .replaceAll(/"watermark":\d+/g, '"watermark":<n>')
    .replaceAll(/"staleMs":\d+/g, '"staleMs":<n>')
    // A duration in the list of generations, before the cut.
    .replaceAll(/│ +\d+ │ (?=\w+: \d)/g, "│ <n> │ ")
    .replaceAll(/\b[0-9a-f]{16}\b/g, "<hash>")
    .replaceAll(/speed-[0-9a-f]{8}/g, "speed-<hash>")
    .replaceAll(/process \d+/g, "process <pid>")
    .replaceAll(/"[^"\s]*\/data\//g, '"data/')
    .replaceAll(/ +$/gm, "")
    .trim();
