import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const HELP = `Runs the randomised tests for long, with new seeds each time, until time is up or one fails.

npm run soak -- [--minutes N] [--kills N] [--model-seconds N] [--seed N] [only ...]

  kills        kills processes at random moments and compares every answer with the fold of the log
  model        random histories of the segment protocol, and the production code under the same schedules
  servers      workers killed, and Kafka and Cassandra away for a minute, on the real servers
  laws         every property test and law of the packages

Without names all of them run in turn.

  --minutes N        stop after the round that is under way then (default 60; 0 is one round)
  --kills N          kills a round (default 200)
  --model-seconds N  time for the model a round (default 300)
  --seed N           first seed (default: drawn from the clock); each failure prints its own
  --help             prints this
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: "string", default: "60" },
    kills: { type: "string", default: "200" },
    "model-seconds": { type: "string", default: "300" },
    seed: { type: "string" },
    help: { type: "boolean", default: false },
  },
});

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

interface Soak {
  /** Default: that of `npm test`. */
  readonly config?: string;
  readonly files: readonly string[];
  readonly environment: () => Readonly<Record<string, string>>;
}

const soaks: Readonly<Record<string, Soak>> = {
  kills: { files: ["packages/millrace/src/recovery"], environment: () => ({ MILLRACE_KILLS: values.kills }) },
  model: { files: ["packages/millrace/src/protocol"], environment: () => ({ MILLRACE_MODEL_SECONDS: values["model-seconds"] }) },
  servers: { files: ["packages/millrace/src/mixed"], config: "vitest.servers.config.ts", environment: () => ({ MILLRACE_KILLS: values.kills, MILLRACE_AWAY_MS: "60000" }) },
  laws: {
    files: ["packages/core/src", "packages/speed-layer/src", "packages/batch-layer/src", "packages/serving-layer/src"],
    environment: () => ({}),
  },
};

function vitest({ files, config, environment }: Soak, seed: number): Promise<boolean> {
  const child = spawn("npx", ["vitest", "run", ...(config === undefined ? [] : ["--config", config]), ...files], { cwd: ROOT, stdio: "inherit", env: { ...process.env, MILLRACE_SEED: `${seed}`, ...environment() } });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => resolve(code === 0));
  });
}

function wholeNumber(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`--${option} must be a whole number of at least 0, not "${text}"`);
  return value;
}

async function main(): Promise<void> {
  if (values.help) return void process.stdout.write(HELP);
  const until = Date.now() + wholeNumber("minutes", values.minutes) * 60_000;
  for (const option of ["kills", "model-seconds"] as const) wholeNumber(option, values[option]);
  const names = positionals.length > 0 ? positionals : Object.keys(soaks);
  const unknown = names.find((name) => !Object.hasOwn(soaks, name));
  if (unknown !== undefined) throw new RangeError(`there is no soak "${unknown}"; there are ${Object.keys(soaks).join(", ")}`);
  let seed = values.seed === undefined ? Date.now() % 2 ** 31 : wholeNumber("seed", values.seed);
  for (let round = 1; ; round++) {
    for (const name of names) {
      process.stdout.write(`\nround ${round}, ${name}, seed ${seed}\n`);
      if (!(await vitest(soaks[name]!, seed))) throw new RangeError(`round ${round}: "${name}" failed with seed ${seed}; npm run soak -- ${name} --minutes 0 --seed ${seed} repeats it`);
    }
    if (Date.now() >= until) return;
    seed = (seed + 1_000_003) % 2 ** 31;
  }
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof RangeError ? error.message : String((error as Error).stack)}\n`);
  process.exitCode = 1;
}
