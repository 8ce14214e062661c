import type { AnyView } from "@millrace/core";
import type { Command } from "commander";
import type { Lambda } from "../../lambda/lambda.js";
import { runTogether } from "../../lambda/run-together.js";
import { withLambda } from "../cli-context.js";
import { printTelemetry } from "../print-telemetry.js";
import { printLine, toJson } from "../print.js";
import { stopSignal } from "../stop-signal.js";
import { addServeOptions, serveOptions, type ServeFlags } from "./serve.js";

/** `dev`, `ingest` and `speed`: the jobs that run until they are stopped. */
export function addJobCommands(program: Command): void {
  addServeOptions(addJob(program, "dev", "run speed layer, ingest and scheduled batch runs in one process and answer over HTTP, until Ctrl-C", runDev)).option("--no-serve", "do not answer over HTTP");
  addJob(program, "ingest", "write sealed segments to the master dataset, until Ctrl-C", (lambda, signal) => lambda.ingest({ signal }));
  addJob(program, "speed", "keep the views fresh, until Ctrl-C", (lambda, signal) => lambda.speed({ signal }));
}

function runDev(lambda: Lambda<AnyView>, signal: AbortSignal, flags: JobFlags): Promise<void> {
  const serve = async (stop: AbortSignal) => {
    const server = await lambda.serve({ ...serveOptions(flags), signal: stop });
    if (!flags.json) printLine(`serving on ${server.url}`);
    await server.closed;
  };
  return runTogether([(stop) => lambda.dev({ signal: stop }), ...(flags.serve === false ? [] : [serve])], signal);
}

type JobFlags = ServeFlags & { readonly json?: true; readonly serve?: boolean };

function addJob(program: Command, name: string, description: string, run: (lambda: Lambda<AnyView>, signal: AbortSignal, flags: JobFlags) => Promise<void>): Command {
  return program
    .command(name)
    .description(description)
    .option("--json", "print every telemetry event as a JSON line")
    .action((options: JobFlags, command: Command) =>
      withLambda(command, async (lambda) => {
        const signal = stopSignal();
        if (options.json) lambda.observe((event) => printLine(toJson(event)));
        else printTelemetry(lambda, printLine, signal);
        await run(lambda, signal, options);
      }),
    );
}
