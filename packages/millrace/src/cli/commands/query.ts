import type { Command } from "commander";
import { withLambda } from "../cli-context.js";
import { collectWhere, parseCount, parseInstant, parseList } from "../parse-option.js";
import { printLine, toJson, toTable } from "../print.js";
import { parseFilters } from "../parse-filters.js";
import { stopSignal } from "../stop-signal.js";
import { UnknownViewError } from "../unknown-view-error.js";

interface QueryFlags {
  readonly from?: Date;
  readonly until?: Date;
  readonly granularity?: string;
  readonly zone?: string;
  readonly by?: readonly string[];
  readonly where?: Readonly<Record<string, readonly string[]>>;
  readonly orderBy?: string;
  readonly limit?: number;
  readonly limitPerWindow?: number;
  readonly fill?: string;
  readonly allowIncomplete?: true;
  readonly json?: true;
}

/** `query <view>`: the merged answer, as a table or as `{"rows": [...], "envelope": {...}}`. */
export function addQueryCommand(program: Command): void {
  program
    .command("query <view>")
    .description("answer from batch and speed, exactly")
    .option("--from <instant>", "first instant (ISO, included); default: one day before --until", parseInstant)
    .option("--until <instant>", "last instant (ISO, excluded); default: now, rounded up to the next day", parseInstant)
    .option("--granularity <unit>", "second, minute, hour, day, week, month, year or all; default: the view's own")
    .option("--zone <zone>", "IANA time zone for days and longer; default UTC")
    .option("--by <columns>", "dimensions to group by, comma-separated; default: all of the view; an empty text is none", parseList)
    .option("--where <column=value>", "only rows with this value; may be repeated, the same column twice is either", collectWhere)
    .option("--order-by <order>", 'such as "plays desc"')
    .option("--limit <n>", "rows of the answer", parseCount)
    .option("--limit-per-window <n>", "rows of a window", parseCount)
    .option("--fill <how>", 'zero: add windows without rows')
    .option("--allow-incomplete", "answer although records are missing, flagged, instead of refusing")
    .option("--json", "print JSON")
    .action((name: string, flags: QueryFlags, command: Command) =>
      withLambda(command, async (lambda) => {
        const view = lambda.definitions.views.find((candidate) => candidate.name === name);
        if (view === undefined) throw new UnknownViewError(name, lambda.definitions.views.map((candidate) => candidate.name));
        const day = 86_400_000;
        const until = flags.until ?? new Date(Math.ceil((lambda.platform.clock.now() + 1) / day) * day);
        const from = flags.from ?? new Date(until.getTime() - day);
        const query = {
          from,
          until,
          ...(flags.granularity === undefined ? {} : { granularity: flags.granularity }),
          ...(flags.zone === undefined ? {} : { zone: flags.zone }),
          ...(flags.by === undefined ? {} : { by: flags.by }),
          ...(flags.where === undefined ? {} : { where: parseFilters(view, flags.where) }),
          ...(flags.orderBy === undefined ? {} : { orderBy: flags.orderBy }),
          ...(flags.limit === undefined ? {} : { limit: flags.limit }),
          ...(flags.limitPerWindow === undefined ? {} : { limitPerWindow: flags.limitPerWindow }),
          ...(flags.fill === undefined ? {} : { fill: flags.fill }),
          ...(flags.allowIncomplete ? { allowIncomplete: true } : {}),
        };
        // Names and texts from a command line have no types to check: the planner does, and reports all at once.
        const ask = lambda.query as unknown as (view: string, query: object, signal: AbortSignal) => Promise<{ readonly rows: Record<string, unknown>[]; readonly envelope: object }>;
        const answer = await ask(name, query, stopSignal());
        if (flags.json) return printLine(toJson(answer));
        printLine(answer.rows.length === 0 ? "no rows" : toTable(answer.rows));
        printLine(toJson(answer.envelope));
      }),
    );
}
