import { Command } from "commander";
import { addAskCommand } from "./commands/ask.js";
import { addBatchCommands } from "./commands/batch.js";
import { addDdlCommand } from "./commands/ddl.js";
import { addDeadLetterCommands } from "./commands/dead-letters.js";
import { addDescribeCommand } from "./commands/describe.js";
import { addEraseCommand } from "./commands/erase.js";
import { addDoctorCommand } from "./commands/doctor.js";
import { addJobCommands } from "./commands/jobs.js";
import { addLogCommands } from "./commands/log.js";
import { addQueryCommand } from "./commands/query.js";
import { addServeCommand } from "./commands/serve.js";
import { addTopCommand } from "./commands/top.js";

/** The `millrace` command. */
export function createProgram(version: string): Command {
  const program = new Command("millrace")
    .description("A Lambda architecture in one declaration: exact answers merged from batch and speed.")
    .version(version)
    .option("--config <file>", "configuration file; default: millrace.config.ts in this folder")
    .option("--data <dir>", "data directory, instead of the one that the configuration names")
    .showHelpAfterError("(add --help for the options)");
  addJobCommands(program);
  addBatchCommands(program);
  addQueryCommand(program);
  addAskCommand(program);
  addServeCommand(program);
  addTopCommand(program);
  addLogCommands(program);
  addDeadLetterCommands(program);
  addEraseCommand(program);
  addDescribeCommand(program);
  addDdlCommand(program);
  addDoctorCommand(program);
  // Also after the command's name: `millrace query plays --data DIR`.
  const takeGlobals = (command: Command): void => {
    for (const child of command.commands) {
      child.option("--config <file>", "configuration file").option("--data <dir>", "data directory");
      takeGlobals(child);
    }
  };
  takeGlobals(program);
  return program;
}
