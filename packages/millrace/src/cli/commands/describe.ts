import type { Command } from "commander";
import { withLambda } from "../cli-context.js";
import { printLine, toJson } from "../print.js";

/** `describe`: the resolved configuration with fingerprints. Ports show their names only, so no secret is printed. */
export function addDescribeCommand(program: Command): void {
  program
    .command("describe")
    .description("print the resolved configuration, with the fingerprint of each view and model")
    .option("--json", "print JSON on one line")
    .action((flags: { readonly json?: true }, command: Command) =>
      withLambda(command, (lambda) => Promise.resolve(printLine(toJson(lambda.describe(), flags.json ? undefined : 2)))),
    );
}
