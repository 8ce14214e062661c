import { Command } from "commander";
import { CONFIG_NAMES, traps } from "../simulator/index.js";

/** Options as they were typed: they are read together, so that all mistakes are told at once. */
export interface SimulateFlags {
  readonly config: string;
  readonly nusers?: string;
  readonly growthRate?: string;
  readonly attritionRate?: string;
  readonly from?: string;
  readonly until?: string;
  readonly startTime?: string;
  readonly endTime?: string;
  readonly userid?: string;
  readonly seed?: string;
  readonly randomseed?: string;
  readonly tag?: string;
  readonly holidays: boolean;
  readonly continuous?: true;
  readonly traps?: string;
  readonly to: string;
  readonly out: string;
  readonly data: string;
  readonly brokers: string;
}

const trapLines = Object.entries(traps).map(([name, what]) => `  ${name.padEnd(20)}${what}`);

/** The options are eventsim's where they have its names. */
export function simulateCommand(): Command {
  return new Command("simulate")
    .description("Simulates the users of a music site and writes what they do: to files, to the log of a data directory, or to Kafka.")
    .option("-c, --config <name>", `pages and rates of the site: ${CONFIG_NAMES.join(", ")}, or a file in eventsim's format`, "example")
    .option("-n, --nusers <n>", "users at the start (default: the configuration's, else 1000)")
    .option("-g, --growth-rate <n>", "sign-ups a year for each user, 0.01 is 1 % (default: the configuration's, else 0)")
    .option("-a, --attrition-rate <n>", "how many of each user leave a year, beside those who cancel (default: 0)")
    .option("-f, --from <time>", "start: 2025-01-06T00:00:00Z, or a number of days ago (default: the configuration's, else 15)")
    .option("--until <time>", "end, exclusive: the same (default: the configuration's, else 1; with --continuous none)")
    .option("-s, --start-time <time>", "another name of --from")
    .option("-e, --end-time <time>", "another name of --until")
    .option("-u, --userid <n>", "the first user has the id after it (default: the configuration's, else 1)")
    .option("--seed <n>", "decides every user, song and event (default: the configuration's)")
    .option("-r, --randomseed <n>", "another name of --seed")
    .option("--tag <text>", "put on records that say who it was")
    .option("--no-holidays", "federal holidays of the United States are days like any other")
    .option("--continuous", "send no event before its time; what is past is sent at once")
    .option("--traps <list>", "what goes wrong on purpose: names from below with commas between, or all")
    .option("--to <target>", "ndjson: a file a topic; log: the embedded log of a data directory; kafka: topics of a Kafka cluster, stamped by its brokers", "ndjson")
    .option("--out <dir>", "with --to ndjson: the folder of <topic>.ndjson", "output")
    .option("--data <dir>", "with --to log: the data directory", "data")
    .option("--brokers <list>", "with --to kafka: host:port of some brokers, commas between", "127.0.0.1:9092")
    .addHelpText("after", `\nTimes without a zone are UTC. The same seed and options give the same records.\n\nTraps:\n${trapLines.join("\n")}`)
    .showHelpAfterError("(add --help for the options)");
}
