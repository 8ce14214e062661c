import type { AnyView } from "@millrace/core";
import type { Command } from "commander";
import type { Lambda } from "../../lambda/lambda.js";
import { withLambda } from "../cli-context.js";
import { printTelemetry } from "../print-telemetry.js";
import { printLine, toJson } from "../print.js";
import { stopSignal } from "../stop-signal.js";

/** `dev`, `ingest` and `speed`: the jobs that run until they are stopped. */
export function addJobCommands(program: Command): void {
  addJob(program, "dev", "run speed layer, ingest and scheduled batch runs in one process, until Ctrl-C", (lambda, signal) => lambda.dev({ signal }));
  addJob(program, "ingest", "write sealed segments to the master dataset, until Ctrl-C", (lambda, signal) => lambda.ingest({ signal }));
  addJob(program, "speed", "keep the views fresh, until Ctrl-C", (lambda, signal) => lambda.speed({ signal }));
}

function addJob(program: Command, name: string, description: string, run: (lambda: Lambda<AnyView>, signal: AbortSignal) => Promise<void>): void {
  program
    .command(name)
    .description(description)
    .option("--json", "print every telemetry event as a JSON line")
    .action((options: { readonly json?: true }, command: Command) =>
      withLambda(command, async (lambda) => {
        const signal = stopSignal();
        if (options.json) lambda.observe((event) => printLine(toJson(event)));
        else printTelemetry(lambda, printLine, signal);
        await run(lambda, signal);
      }),
    );
}
