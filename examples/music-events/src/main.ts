import { Command, InvalidArgumentError } from "commander";
import { describeError, stopSignal } from "millrace";
import path from "node:path";
import { parsePace, type Pace } from "./feed/pace.js";
import { runHeadless } from "./run/headless.js";
import { runLive } from "./run/live.js";
import { CONFIG_NAMES, parseTraps, TRAPS, type Trap } from "./simulator/index.js";

const positive = (text: string): number => {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError("a number above 0 is wanted");
  return value;
};
const whole = (text: string): number => {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new InvalidArgumentError("a whole number of 0 or more is wanted");
  return value;
};
const pace = (text: string): Pace => {
  const parsed = parsePace(text);
  if (parsed === undefined) throw new InvalidArgumentError("wall, max, or a factor such as 60 is wanted");
  return parsed;
};

const rate = (text: string): number => {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value) || value < 0) throw new InvalidArgumentError("a number of 0 or more is wanted");
  return value;
};
const traps = (text: string): readonly Trap[] => {
  const parsed = parseTraps(text);
  if (parsed.unknown.length > 0) throw new InvalidArgumentError(`there is no trap "${parsed.unknown.join('", "')}"; there are ${TRAPS.join(", ")}, and all`);
  return parsed.traps;
};

interface Flags {
  readonly data: string;
  readonly speed: Pace;
  readonly rate: number;
  readonly seed: number;
  readonly config: string;
  readonly growthRate: number;
  readonly traps: readonly Trap[];
  readonly events?: number;
  readonly exit?: true;
  readonly json?: string;
  readonly backfill: number;
  readonly port: number;
  readonly serve: boolean;
}

const program = new Command("music-events")
  .description("A music site's events, simulated, through the whole Lambda architecture on this machine.")
  .option("--data <dir>", "data directory; started again, it goes on where it stopped", "data")
  .option("--speed <pace>", "wall: with the clock; 60: sixty times as fast; max: as fast as the layers keep up", pace, { kind: "wall" } as Pace)
  .option("--rate <n>", "mean events per simulated second", positive, 30)
  .option("--seed <n>", "decides every user, song and event", whole, 7)
  .option("--config <name>", "pages and rates of the site: example, alt, or a file in eventsim's format", "example")
  .option("--growth-rate <n>", "sign-ups a year for each user there is", rate, 1)
  .option("--traps <list>", "what goes wrong on purpose: npm run simulate -- --help lists it", traps, [])
  .option("--events <n>", "stop the simulation after this many events", whole)
  .option("--exit", "end when all --events are answered for")
  .option("--json <file>", "with --exit: write the report here")
  .option("--backfill <hours>", "history to simulate before a live start", positive, 2)
  .option("--port <n>", "port of the live page on 127.0.0.1, 0 for a free one", whole, 4_280)
  .option("--no-serve", "no live page")
  .showHelpAfterError("(add --help for the options)");

// npm runs this in the example's folder; what a user names on the command line is relative to where they are.
const here = process.env["INIT_CWD"] ?? process.cwd();

try {
  program.parse();
  const flags = program.opts<Flags>();
  const write = (line: string) => void process.stdout.write(`${line}\n`);
  const options = {
    dataDir: path.resolve(program.getOptionValueSource("data") === "default" ? process.cwd() : here, flags.data),
    pace: flags.speed,
    rate: flags.rate,
    seed: flags.seed,
    config: CONFIG_NAMES.includes(flags.config) ? flags.config : path.resolve(here, flags.config),
    growthRate: flags.growthRate,
    traps: flags.traps,
    events: flags.events,
    exit: flags.exit === true,
    json: flags.json === undefined ? undefined : path.resolve(here, flags.json),
    backfillHours: flags.backfill,
    port: flags.serve ? flags.port : undefined,
  };
  if (options.exit) {
    if (options.events === undefined) program.error("--exit needs --events: when would it end?");
    if (options.pace.kind === "wall") program.error("--exit needs --speed: a live run has no end");
    const report = await runHeadless({ ...options, events: options.events! }, Date.now(), write, stopSignal());
    const events = Object.values(report.events).reduce((a, b) => a + b, 0);
    write(
      `music-events: ${events.toLocaleString("en-US")} events, ${report.deadLetters} dead letters, ${report.generations.length} generations in ${(report.wallMs / 1_000).toFixed(1)} s; events/s: log ${report.eventsPerSecond.log.toLocaleString("en-US")}, speed ${report.eventsPerSecond.speed.toLocaleString("en-US")}, ingest ${report.eventsPerSecond.ingest.toLocaleString("en-US")}; peak memory ${report.peakMemoryMb} MB`,
    );
  } else await runLive(options, Date.now(), write, stopSignal());
} catch (error) {
  process.stderr.write(`${describeError(error)}\n`);
  process.exitCode = 1;
}
