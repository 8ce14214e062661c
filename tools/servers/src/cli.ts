import { CommanderError } from "commander";
import { createProgram } from "./cli/program.js";
import { describeError } from "./cli/describe-error.js";

try {
  await createProgram().parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) process.stderr.write(`${describeError(error)}\n`);
  process.exitCode = 1;
}
