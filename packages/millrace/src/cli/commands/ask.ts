import { describeQuestion, parametersFromTexts, QuestionError, type QuestionDescription } from "@millrace/serving-layer";
import type { Problem } from "@millrace/core";
import type { Command } from "commander";
import { withLambda, type GlobalOptions } from "../cli-context.js";
import { printLine, toJson, toTable } from "../print.js";
import { stopSignal } from "../stop-signal.js";

interface AskFlags extends GlobalOptions {
  readonly from?: string;
  readonly until?: string;
  readonly granularity?: string;
  readonly zone?: string;
  readonly limit?: string;
  readonly json?: true;
  readonly help?: true;
}

/** `ask <question>`: its answer, as a table or as `{"rows": [...], "envelope": {...}}`; `ask` alone lists what can be asked. */
export function addAskCommand(program: Command): void {
  program
    .command("ask [question]")
    .description("answer a question that the configuration declares; without one, list them with their shape")
    .option("--from <instant>", "first instant (ISO, included); default: one day before --until")
    .option("--until <instant>", "last instant (ISO, excluded); default: now, rounded up to the next day")
    .option("--granularity <unit>", "second, minute, hour, day, week, month, year or all; default: the question's own")
    .option("--zone <zone>", "IANA time zone for days and longer; default UTC")
    .option("--limit <n>", "rows of each window; default: the question's own")
    .option("--json", "print JSON")
    // The questions are known once the configuration is loaded: so are the options that they have of their own.
    .helpOption(false)
    .option("-h, --help", "display help, with the questions that there are")
    .allowUnknownOption()
    .allowExcessArguments()
    .action((name: string | undefined, flags: AskFlags, command: Command) =>
      withLambda(command, async (lambda) => {
        const questions = lambda.definitions.questions.map(describeQuestion);
        const { json, config: _config, data: _data, help, ...texts } = flags;
        if (name === undefined || help) {
          const wanted = name === undefined ? questions : questions.filter((question) => question.name === lambda.layers.questions().find(name).name);
          if (json) return printLine(toJson(wanted));
          if (help) printLine(command.helpInformation());
          return printLine(wanted.length === 0 ? "the configuration declares no questions" : wanted.map(shapeOf).join("\n\n"));
        }
        const question = lambda.layers.questions().find(name);
        const own = readOwn(name, command.args.slice(1));
        const answer = await lambda.ask(name, parametersFromTexts(question, { ...texts, ...own }, lambda.platform.clock.now()), { signal: stopSignal() });
        if (json) return printLine(toJson(answer));
        printLine(answer.rows.length === 0 ? "no rows" : toTable(answer.rows));
        printLine(toJson(answer.envelope));
      }),
    );
}

/** What stands behind the question: `--name value` or `--name=value`, each once. */
function readOwn(question: string, args: readonly string[]): Readonly<Record<string, string>> {
  const own: Record<string, string> = {};
  const problems: Problem[] = [];
  for (let i = 0; i < args.length; i++) {
    const [, name, given] = /^--([A-Za-z]\w*)(?:=(.*))?$/s.exec(args[i]!) ?? [];
    if (name === undefined) problems.push({ path: args[i]!, message: "an option such as --name value is expected here" });
    else {
      const value = given ?? args[++i];
      if (value === undefined) problems.push({ path: name, message: "its value is missing" });
      else if (Object.hasOwn(own, name)) problems.push({ path: name, message: "is given more than once" });
      else own[name] = value;
    }
  }
  if (problems.length > 0) throw new QuestionError(question, problems);
  return own;
}

function shapeOf({ name, doc, answeredBy, from, granularities, granularity, limit, parameters, columns }: QuestionDescription): string {
  const own = parameters.map((each) => `  --${each.name} ${each.values?.join("|") ?? each.kind}  ${each.doc}${each.default === null ? "" : ` (default ${String(each.default)})`}`);
  return [
    name,
    `  ${doc}`,
    `  columns: ${columns.map((column) => `${column.name} ${column.type}${column.nullable ? "?" : ""}`).join(", ")}`,
    `  granularity: ${granularities.map((one) => (one === granularity ? `${one} (default)` : one)).join(", ")}${limit === null ? "" : `; limit ${limit} a window`}`,
    `  from ${answeredBy === "views" ? "views, exact to the last event" : "the warehouse, as of the last batch run's cut"}: ${from.join(", ")}`,
    ...own,
  ].join("\n");
}
