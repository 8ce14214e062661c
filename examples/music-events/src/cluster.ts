import { describeError } from "@millrace/servers";
import { CommanderError } from "commander";
import { createClusterProgram } from "./cluster/cluster-program.js";

const program = createClusterProgram({ print: (text) => void process.stdout.write(`${text}\n`), progress: (line) => void process.stderr.write(`${line}\n`) });
try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) process.stderr.write(`${describeError(error)}\n`);
  process.exitCode = 1;
}
