import { InstallError, MissingToolError } from "@millrace/servers";
import { writeFile } from "node:fs/promises";
import { cpus, loadavg } from "node:os";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { benches, serverBenches } from "./benches.js";
import { peers } from "./peers/peers.js";

const all = { ...benches, ...serverBenches };

const HELP = `Measures Millrace beside what one would use instead.

npm run bench -- [bench ...] [--events N] [--rounds N] [--json FILE] [--only PEER ...]

${Object.entries(all).map(([name, { measures }]) => `  ${name.padEnd(12)} ${measures}`).join("\n")}

Without names all of them run, one after the other, but those that start servers.

  --events N   events that every bench works on (default 1000000)
  --rounds N   measured rounds, after a cold one (default 3, of decode-fold 6)
  --json FILE  writes the figures there, too
  --only PEER  of the bench peers, only these, one or more
  --help       prints this

Peers, all of which run without --only but one:

${peers.map(({ name, job, mostEvents, byNameOnly }) => `  ${name.padEnd(22)} ${job}${mostEvents === undefined ? "" : `; at most ${mostEvents} events`}${byNameOnly === true ? "; by name only" : ""}`).join("\n")}

A bench whose results are not those of its baseline fails. One that misses a goal does not.
`;

// What follows --only belongs to it, up to the next option.
const args = process.argv.slice(2);
const from = args.indexOf("--only");
const until = from < 0 ? -1 : args.findIndex((arg, i) => i > from && arg.startsWith("--"));
const only = from < 0 ? [] : args.splice(from, (until < 0 ? args.length : until) - from).slice(1);

const { values, positionals } = parseArgs({
  args,
  allowPositionals: true,
  options: {
    events: { type: "string", default: "1000000" },
    rounds: { type: "string" },
    json: { type: "string" },
    help: { type: "boolean", default: false },
  },
});

const print = (text: string) => process.stdout.write(text);

async function main(): Promise<void> {
  if (values.help) return void print(HELP);
  const events = Number(values.events);
  if (!Number.isSafeInteger(events) || events < 1) throw new RangeError(`--events must be a whole number of at least 1, not "${values.events}"`);
  const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
  if (rounds !== undefined && (!Number.isSafeInteger(rounds) || rounds < 1)) throw new RangeError(`--rounds must be a whole number of at least 1, not "${values.rounds}"`);
  const names = positionals.length > 0 ? positionals : Object.keys(benches);
  if (from >= 0 && (only.length === 0 || !names.includes("peers"))) throw new RangeError("--only takes the names of peers, after the name of the bench: peers --only millrace kafka-streams");
  const unknown = names.find((name) => !Object.hasOwn(all, name));
  if (unknown !== undefined) throw new RangeError(`there is no bench "${unknown}"; there are ${Object.keys(all).join(", ")}`);

  const figures: Record<string, object> = {};
  const machine = { node: process.version, cpu: cpus()[0]?.model ?? "unknown", cores: cpus().length };
  print(`node ${machine.node}, ${machine.cores} x ${machine.cpu}, load ${loadavg()[0]!.toFixed(1)}\n`);
  for (const name of names) {
    print("\n");
    figures[name] = await all[name]!.run({ events, ...(rounds === undefined ? {} : { rounds }), ...(only.length === 0 ? {} : { only }), log: (line) => print(`${line}\n`) });
  }
  if (values.json === undefined) return;
  // npm changes to the package's folder; what the user names is seen from where they are.
  const file = resolve(process.env["INIT_CWD"] ?? process.cwd(), values.json);
  await writeFile(file, `${JSON.stringify({ events, ...machine, figures }, null, 2)}\n`);
}

try {
  await main();
} catch (error) {
  // What a person can set right needs no stack.
  const plain = error instanceof RangeError || error instanceof MissingToolError || error instanceof InstallError;
  process.stderr.write(`${plain ? [error.message, ...("advice" in error && error.advice !== undefined ? [error.advice] : [])].join("\n") : String((error as Error).stack)}\n`);
  process.exitCode = 1;
}
