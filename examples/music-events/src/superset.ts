import { describeError } from "@millrace/servers";
import { CommanderError } from "commander";
import { supersetCommand } from "./superset/superset-command.js";

try {
  await supersetCommand({ print: (line) => void process.stdout.write(`${line}\n`), warn: (line) => void process.stderr.write(`${line}\n`) }).parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) process.stderr.write(`${describeError(error)}\n`);
  process.exitCode = 1;
}
