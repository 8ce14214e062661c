import type { Command } from "commander";
import { withLambda } from "../cli-context.js";
import { printLine, toJson } from "../print.js";
import { stopSignal } from "../stop-signal.js";

interface DdlFlags {
  readonly apply?: true;
  readonly json?: true;
}

/**
 * `ddl`: the statements that make the tables of the views, or with `--apply` runs those of them that are missing. A store
 * without tables of its own says so.
 */
export function addDdlCommand(program: Command): void {
  program
    .command("ddl")
    .description("print the statements that make the views' tables")
    .option("--apply", "run what is missing, and print it")
    .option("--json", "print JSON")
    .action((flags: DdlFlags, command: Command) =>
      withLambda(command, async ({ platform: { store }, definitions: { views } }) => {
        const { schema } = store;
        const statements = schema === undefined ? [] : flags.apply ? await schema.apply(views, stopSignal()) : schema.statements(views);
        if (flags.json) printLine(toJson({ store: store.name, needsTables: schema !== undefined, applied: flags.apply ?? false, statements }));
        else if (schema === undefined) printLine(`store "${store.name}" needs no tables`);
        else if (flags.apply && statements.length === 0) printLine(`store "${store.name}": nothing is missing`);
        else for (const statement of statements) printLine(`${statement};\n`);
      }),
    );
}
