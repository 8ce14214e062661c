import { checkQueryInput, queryFromTexts } from "@millrace/serving-layer";
import type { Command } from "commander";
import { withLambda, type GlobalOptions } from "../cli-context.js";
import { printLine, toJson, toTable } from "../print.js";
import { stopSignal } from "../stop-signal.js";
import { UnknownViewError } from "../unknown-view-error.js";

interface QueryFlags extends GlobalOptions {
  readonly json?: true;
  readonly allowIncomplete?: true;
  readonly split?: true;
  readonly where?: readonly string[];
}

const collect = (text: string, sofar: readonly string[] = []): readonly string[] => [...sofar, text];

/** `query <view>`: the merged answer, as a table or as `{"rows": [...], "envelope": {...}}`. */
export function addQueryCommand(program: Command): void {
  program
    .command("query <view>")
    .description("answer from batch and speed, exactly")
    .option("--from <instant>", "first instant (ISO, included); default: one day before --until")
    .option("--until <instant>", "last instant (ISO, excluded); default: now, rounded up to the next day")
    .option("--granularity <unit>", "second, minute, hour, day, week, month, year or all; default: the view's own")
    .option("--zone <zone>", "IANA time zone for days and longer; default UTC")
    .option("--by <columns>", "dimensions to group by, comma-separated; default: all of the view; an empty text is none")
    .option("--where <column=value>", "only rows with this value; may be repeated, the same column twice is either", collect)
    .option("--order-by <order>", 'such as "plays desc"')
    .option("--limit <n>", "rows of the answer")
    .option("--limit-per-window <n>", "rows of a window")
    .option("--fill <how>", 'zero: add windows without rows')
    .option("--allow-incomplete", "answer although records are missing, flagged, instead of refusing")
    .option("--split", "show what of each count and sum is batch and what is speed")
    .option("--json", "print JSON")
    .action((name: string, flags: QueryFlags, command: Command) =>
      withLambda(command, async (lambda) => {
        const view = lambda.definitions.views.find((candidate) => candidate.name === name);
        if (view === undefined) throw new UnknownViewError(name, lambda.definitions.views.map((candidate) => candidate.name));
        const { json, config: _config, data: _data, allowIncomplete, split, ...texts } = flags;
        const asked = { ...texts, ...(allowIncomplete ? { allowIncomplete: "true" } : {}), ...(split ? { split: "true" } : {}) };
        const query = checkQueryInput(view, queryFromTexts(view, asked, lambda.platform.clock.now()));
        // Names and texts from a command line have no types to check: the planner does, and reports all at once.
        const ask = lambda.query as unknown as (view: string, query: object, signal: AbortSignal) => Promise<{ readonly rows: Record<string, unknown>[]; readonly envelope: object }>;
        const answer = await ask(name, query, stopSignal());
        if (json) return printLine(toJson(answer));
        printLine(answer.rows.length === 0 ? "no rows" : toTable(answer.rows));
        printLine(toJson(answer.envelope));
      }),
    );
}
