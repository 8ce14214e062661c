import type { Generation } from "@millrace/core";
import type { Command } from "commander";
import { withLambda } from "../cli-context.js";
import { parseCount, parseInstant } from "../parse-option.js";
import { printLine, toJson, toTable } from "../print.js";
import { stopSignal } from "../stop-signal.js";
import { writeTelemetryLines } from "../telemetry-lines.js";

interface RunFlags {
  readonly full?: true;
  readonly cutAt?: Date;
  readonly forwardOnly?: true;
  readonly acceptDeadLetters?: true;
  readonly json?: true;
}

/** `batch plan | run | list | rollback | prune`, and `reconcile`. */
export function addBatchCommands(program: Command): void {
  const batch = program.command("batch").description("plan, run and manage generations of the batch layer");

  const runFlags = (command: Command) =>
    command
      .option("--full", "rebuild every date")
      .option("--cut-at <instant>", "cut before the first record appended at or after this instant; a rerun gives the same generation", parseInstant)
      .option("--forward-only", "never cut before the current generation: where it reaches further, its cut stays")
      .option("--accept-dead-letters", "let a changed declaration of a stream make dead letters of what were events")
      .option("--json", "print JSON");
  const jobOptions = ({ full, cutAt, forwardOnly, acceptDeadLetters }: RunFlags, signal: AbortSignal) => ({ signal, ...(full ? { full } : {}), ...(cutAt ? { cutAt } : {}), ...(forwardOnly ? { forwardOnly } : {}), ...(acceptDeadLetters ? { acceptDeadLetters } : {}) });

  runFlags(batch.command("plan").description("say what a run would build, and why"))
    .action((flags: RunFlags, command: Command) =>
      withLambda(command, async (lambda) => {
        const plan = await lambda.batch.plan(jobOptions(flags, stopSignal()));
        printLine(flags.json ? toJson(plan) : toJson(plan, 2));
      }),
    );

  runFlags(batch.command("run").description("build changed dates, check, reconcile with the speed layer, publish"))
    .action((flags: RunFlags, command: Command) =>
      withLambda(command, async (lambda) => {
        if (!flags.json) {
          const tell = writeTelemetryLines(printLine);
          // Why it failed is told once, by who prints the error.
          lambda.observe((event) => (event.type === "RunFailed" ? undefined : tell(event)));
          lambda.observe((event) => {
            if (event.type !== "RunStep") return;
            if (process.stderr.isTTY) process.stderr.write(`\r\x1b[2K${event.step} ${event.done}/${event.total}${event.done === event.total ? "\r\x1b[2K" : ""}`);
            else if (isTold(event.done, event.total)) printLine(`batch: ${event.step}, ${event.done} of ${event.total}`);
          });
        }
        const result = await lambda.batch.run(jobOptions(flags, stopSignal()));
        if (flags.json) printLine(toJson(result));
        else if ("unchanged" in result) printLine(`batch: nothing new since generation ${result.current?.number ?? "none"}`);
      }),
    );

  batch
    .command("list")
    .description("list generations, the newest last; * is the one being served")
    .option("--json", "print JSON")
    .action((flags: { readonly json?: true }, command: Command) =>
      withLambda(command, async (lambda) => {
        const generations = await lambda.batch.list();
        if (flags.json) return printLine(toJson(generations));
        printLine(generations.length === 0 ? "no generation yet: run `millrace batch run`" : toTable(generations.map(toRow)));
      }),
    );

  batch
    .command("rollback <generation>")
    .description("publish an old generation's content as a new generation")
    .option("--json", "print JSON")
    .action((number: string, flags: { readonly json?: true }, command: Command) =>
      withLambda(command, async (lambda) => {
        const generation = await lambda.batch.rollback(parseCount(number), { signal: stopSignal() });
        printLine(flags.json ? toJson(generation) : `batch: generation ${generation.number} published with the content of ${generation.contentOf}`);
      }),
    );

  batch
    .command("prune")
    .description("remove table versions that no kept generation uses")
    .option("--keep <n>", "generations to keep, the newest", parseCount, 5)
    .option("--json", "print JSON")
    .action((flags: { readonly keep: number; readonly json?: true }, command: Command) =>
      withLambda(command, async (lambda) => {
        const pruned = await lambda.batch.prune({ keep: flags.keep, signal: stopSignal() });
        printLine(flags.json ? toJson(pruned) : toJson(pruned, 2));
      }),
    );

  program
    .command("reconcile")
    .description("compare the batch layer with the speed layer, without publishing; exits 1 when they differ")
    .option("--json", "print JSON")
    .action((flags: { readonly json?: true }, command: Command) =>
      withLambda(command, async (lambda) => {
        const drift = await lambda.reconcile({ signal: stopSignal() });
        if (flags.json) printLine(toJson(drift));
        else
          printLine(
            toTable(
              drift.map((view) => ({
                view: view.view,
                drift: view.status === "none" ? 0 : view.status === "list" ? view.total : "not comparable",
                detail: view.status === "none" ? `${view.rowsCompared} rows compared` : view.status === "list" ? toJson(view.rows.slice(0, 3)) : view.reason,
              })),
            ),
          );
        if (drift.some(({ status }) => status === "list")) process.exitCode = 1;
      }),
    );
}

/** Of a run's steps every one where there are few, else some ten: a log is not a terminal. */
const isTold = (done: number, total: number): boolean => total <= 10 || done === total || Math.floor((10 * done) / total) !== Math.floor((10 * (done - 1)) / total);

const toRow = (generation: Generation) => ({
  generation: generation.number,
  kind: generation.contentOf === null ? generation.kind : `${generation.kind} of ${generation.contentOf}`,
  parent: generation.parent ?? "",
  published: new Date(generation.publishedAt),
  "duration ms": generation.publishedAt - generation.startedAt,
  cut: Object.entries(generation.cut)
    .map(([topic, positions]) => `${topic}: ${positions.map(({ partition, offset }) => `${partition}<${offset}`).join(" ")}`)
    .join("; "),
  drift: generation.drift.every(({ status }) => status === "none") ? 0 : generation.drift.filter(({ status }) => status !== "none").map(({ view, status }) => `${view} ${status}`).join(", "),
});
