import { readRunProgress } from "@millrace/core";
import type { Command } from "commander";
import { withLambda } from "../cli-context.js";
import { printLine, toJson } from "../print.js";
import { stopSignal } from "../stop-signal.js";

/** `describe`: the resolved configuration with fingerprints, and how far runs are that build tables anew. Ports show their names only, so no secret is printed. */
export function addDescribeCommand(program: Command): void {
  program
    .command("describe")
    .description("print the resolved configuration, with the fingerprint of each view and model")
    .option("--json", "print JSON on one line")
    .action((flags: { readonly json?: true }, command: Command) =>
      withLambda(command, async (lambda) => {
        const backFill = await readRunProgress(lambda.platform.files, stopSignal());
        printLine(toJson({ ...lambda.describe(), backFill }, flags.json ? undefined : 2));
      }),
    );
}
