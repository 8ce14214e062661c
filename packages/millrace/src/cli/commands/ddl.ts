import { Option, type Command } from "commander";
import { ConfigurationError } from "@millrace/core";
import { mergedViews } from "../../presto/merged-views.js";
import { withLambda } from "../cli-context.js";
import { printLine, toJson } from "../print.js";
import { stopSignal } from "../stop-signal.js";

interface DdlFlags {
  readonly engine?: "presto" | "trino";
  readonly apply?: true;
  readonly json?: true;
}

/**
 * `ddl`: the statements that make the tables of the views, or with `--apply` runs those of them that are missing. A store
 * without tables of its own says so. With `--engine`, the merged views on that server instead.
 */
export function addDdlCommand(program: Command): void {
  program
    .command("ddl")
    .description("print the statements that make the views' tables, or their merged views on a SQL server")
    .addOption(new Option("--engine <name>", "the merged views on this server, which the platform's `mergedViews` names").choices(["presto", "trino"]))
    .option("--apply", "run what is missing, and print it; with --engine: replace all")
    .option("--json", "print JSON")
    .action((flags: DdlFlags, command: Command) =>
      withLambda(command, async ({ platform, definitions: { views } }) => {
        if (flags.engine !== undefined) {
          const server = platform.mergedViews;
          if (server?.engine.dialect.name !== flags.engine) {
            throw new ConfigurationError(`writing merged views for "${flags.engine}"`, [{ path: "platform.mergedViews", message: server === undefined ? "the platform has none: name the server there, for example by `presto` of `cluster({...})`" : `it is a server of "${server.engine.dialect.name}"` }]);
          }
          const merged = mergedViews({ platform, server, views });
          const texts = await (flags.apply ? merged.apply(stopSignal()) : merged.texts(stopSignal()));
          if (flags.json) return printLine(toJson({ engine: flags.engine, applied: flags.apply ?? false, views: texts }));
          for (const text of texts) printLine("sql" in text ? `${text.sql};\n` : `-- the view "${text.view}" has no merged view: ${text.refused}\n`);
          return;
        }
        const { schema, name } = platform.store;
        const statements = schema === undefined ? [] : flags.apply ? await schema.apply(views, stopSignal()) : schema.statements(views);
        if (flags.json) printLine(toJson({ store: name, needsTables: schema !== undefined, applied: flags.apply ?? false, statements }));
        else if (schema === undefined) printLine(`store "${name}" needs no tables`);
        else if (flags.apply && statements.length === 0) printLine(`store "${name}": nothing is missing`);
        else for (const statement of statements) printLine(`${statement};\n`);
      }),
    );
}
