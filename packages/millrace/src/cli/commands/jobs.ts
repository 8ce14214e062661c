import type { AnyView } from "@millrace/core";
import type { Command } from "commander";
import type { Lambda } from "../../lambda/lambda.js";
import { runTogether } from "../../lambda/run-together.js";
import { withLambda } from "../cli-context.js";
import { printTelemetry } from "../print-telemetry.js";
import { printLine } from "../print.js";
import { telemetryJson } from "../telemetry-json.js";
import { stopSignal } from "../stop-signal.js";
import { addServeOptions, serveOptions, type ServeFlags } from "./serve.js";

/** `dev`, `ingest` and `speed`: the jobs that run until they are stopped. */
export function addJobCommands(program: Command): void {
  const add = (name: string, description: string, job: Job): Command => addServeOptions(addJob(program, name, description, job));
  add("dev", "run speed layer, ingest and scheduled batch runs in one process and answer over HTTP, until Ctrl-C", (lambda, signal) => lambda.dev({ signal })).option("--no-serve", "do not answer over HTTP");
  const serve = "answer over HTTP as well, with probes and metrics of this process";
  add("ingest", "write sealed segments to the master dataset, until Ctrl-C", (lambda, signal) => lambda.ingest({ signal })).option("--serve", serve);
  add("speed", "keep the views fresh, until Ctrl-C; several share the partitions where the platform has a worker group", (lambda, signal) => lambda.speed({ signal })).option("--serve", serve);
}

type Job = (lambda: Lambda<AnyView>, signal: AbortSignal) => Promise<void>;
type JobFlags = ServeFlags & { readonly json?: true; readonly serve?: boolean };

function addJob(program: Command, name: string, description: string, job: Job): Command {
  return program
    .command(name)
    .description(description)
    .option("--json", "print every telemetry event as a JSON line")
    .action((flags: JobFlags, command: Command) =>
      withLambda(command, async (lambda) => {
        const signal = stopSignal();
        if (flags.json) lambda.observe((event) => printLine(telemetryJson(event, new Date())));
        else printTelemetry(lambda, printLine, signal);
        await runTogether([(stop) => job(lambda, stop), ...(flags.serve === true ? [(stop: AbortSignal) => serveUntilStopped(lambda, stop, flags)] : [])], signal);
      }),
    );
}

async function serveUntilStopped(lambda: Lambda<AnyView>, signal: AbortSignal, flags: JobFlags): Promise<void> {
  const server = await lambda.serve({ ...serveOptions(flags), signal });
  if (!flags.json) printLine(`serving on ${server.url}`);
  await server.closed;
}
