import { cacheDir, stopSignal } from "@millrace/servers";
import { Command, InvalidArgumentError } from "commander";
import path from "node:path";
import { parseTraps, TRAPS } from "../simulator/traps/trap.js";
import { Cluster, CLUSTER_DEFAULTS, type UpOptions } from "./cluster.js";
import { PART_NAMES } from "./cluster-parts.js";
import { statusText } from "./cluster-status.js";
import { followLogs } from "./follow-logs.js";

type UpFlags = Omit<UpOptions, "freeMemoryMb" | "nowMs" | "progress" | "backfillHours"> & { readonly backfill?: number; readonly json?: true };

/** What the command does to the world around it. */
export interface ClusterTerminal {
  /** What was asked for. */
  readonly print: (text: string) => void;
  /** Lines about what is waited for. */
  readonly progress: (line: string) => void;
}

/** The command behind `npm run cluster`. */
export function createClusterProgram({ print, progress }: ClusterTerminal): Command {
  const program = new Command("cluster")
    .description("The whole reference deployment as plain processes on this machine, without Docker.")
    .option("--run-dir <dir>", "folder of configuration, data and logs; default: cluster in the cache folder")
    .showHelpAfterError("(add --help for the options)");
  const runDir = (): string => path.resolve(program.opts<{ readonly runDir?: string }>().runDir ?? path.join(cacheDir(), "cluster"));
  const printStatus = async (cluster: Cluster, json: boolean | undefined): Promise<void> => {
    const status = await cluster.status();
    print(json ? JSON.stringify(status, undefined, 2) : statusText(status, cluster.state?.isDown === false));
  };

  program
    .command("up")
    .description("start what does not run, in order, and return when all answers; it goes on until `down`")
    .option("--only <parts>", `only these and what they need: ${PART_NAMES.join(", ")}`, toParts)
    .option("--without <parts>", "leave these out: airflow,superset", toParts)
    .option("--all", "all parts; default: those of the last time")
    .option("--port-offset <n>", "added to every port; default: 0, the ports of the reference pipeline", toOffset)
    .option("--rate <n>", `mean events per second of the simulator; default: ${CLUSTER_DEFAULTS.rate}`, toRate)
    .option("--seed <n>", `decides every user, song and event; default: ${CLUSTER_DEFAULTS.seed}`, toWhole)
    .option("--backfill <hours>", `history that is simulated first; default: ${CLUSTER_DEFAULTS.backfillHours}`, toHours)
    .option("--traps <list>", `what goes wrong on purpose: all, or some of ${TRAPS.join(", ")}; default: nothing`, toTraps)
    .option("--config <file>", "configuration of the pipeline; default: examples/music-events/millrace.config.ts", (file) => path.resolve(file))
    .option("--no-build", "use the packages as they were built")
    .option("--no-memory-check", "start although too little memory is free")
    .option("--json", "print the status as JSON")
    .action(async ({ json, backfill, ...flags }: UpFlags) => {
      const options = { ...flags, ...(backfill === undefined ? {} : { backfillHours: backfill }), freeMemoryMb: process.availableMemory() / 1_048_576, nowMs: Date.now(), progress };
      await printStatus(await Cluster.up(runDir(), options, stopSignal()), json);
    });

  program
    .command("status")
    .description("what runs, whether it answers, what memory it takes, and where its pages are")
    .option("--json", "print JSON")
    .action(({ json }: { readonly json?: true }) => printStatus(Cluster.open(runDir()), json));

  program
    .command("logs")
    .description("the end of the logs")
    .argument("[name]", "a part, or a process as `status` names it; default: all")
    .option("--lines <n>", "lines of each log", toLines, 40)
    .option("--follow", "go on with what is added, until Ctrl-C")
    .action(async (name: string | undefined, { lines, follow }: { readonly lines: number; readonly follow?: true }) => {
      const nodes = await Cluster.open(runDir()).nodesNamed(name);
      for (const node of nodes) print(node.logTail(lines));
      if (!follow) return;
      const files = nodes.flatMap((node) => [node.outputFile, ...node.plan.logFiles].map((file) => ({ name: node.name, file })));
      const stop = new AbortController();
      for (const each of ["SIGINT", "SIGTERM"] as const) process.once(each, () => stop.abort());
      await followLogs(files, (from, line) => print(files.length === 1 ? line : `${from}: ${line}`), stop.signal);
    });

  program
    .command("env")
    .description("variables for the millrace command: eval \"$(npm run -s cluster -- env)\"")
    .action(() => print(Object.entries(Cluster.open(runDir()).environment).map(([variable, value]) => `export ${variable}=${value}`).join("\n")));

  program
    .command("down")
    .description("stop all, in reverse order; data stay")
    .option("--delete-data", "remove data, configuration and logs as well")
    .action(({ deleteData }: { readonly deleteData?: true }) => Cluster.open(runDir()).down(deleteData === true, progress));
  return program;
}

function toParts(text: string): readonly string[] {
  const names = text.split(",").map((name) => name.trim()).filter((name) => name !== "");
  const unknown = names.filter((name) => !PART_NAMES.includes(name));
  if (names.length === 0 || unknown.length > 0) throw new InvalidArgumentError(`${unknown.length === 0 ? "no part is named" : `there is no ${unknown.join(" and no ")}`}; there are ${PART_NAMES.join(", ")}.`);
  return names;
}

const number = (isRight: (value: number) => boolean, wanted: string) => (text: string): number => {
  const value = Number(text);
  if (text.trim() === "" || !isRight(value)) throw new InvalidArgumentError(`${wanted}.`);
  return value;
};
const toOffset = number(Number.isInteger, "a whole number is wanted");
const toWhole = number((value) => Number.isSafeInteger(value) && value >= 0, "a whole number of 0 or more is wanted");
const toRate = number((value) => Number.isFinite(value) && value > 0, "a number above 0 is wanted");
const toHours = number((value) => Number.isFinite(value) && value >= 0 && value <= 24 * 30, "a number of hours from 0 to 720 is wanted");
const toLines = number((value) => Number.isInteger(value) && value > 0, "a number of lines is 1 or more");

function toTraps(text: string): string {
  const { traps, unknown } = parseTraps(text);
  if (unknown.length > 0) throw new InvalidArgumentError(`there is no trap ${unknown.join(", ")}; there are ${TRAPS.join(", ")}, and all.`);
  return traps.join(",");
}
