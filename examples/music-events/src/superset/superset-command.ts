import { Command, Option } from "commander";
import { fileURLToPath } from "node:url";
import { bundleOf } from "./bundle.js";
import { writeBundle } from "./bundle-files.js";
import { DASHBOARDS, setUpSuperset } from "./set-up-superset.js";

/** The bundle that is kept. */
const KEPT = fileURLToPath(new URL("../../superset", import.meta.url));

interface SourceFlags {
  readonly presto: string;
  readonly catalog: string;
  readonly schema: string;
}

interface ImportFlags extends SourceFlags {
  readonly url: string;
  readonly user: string;
  readonly password: string;
}

/** Where the command's words go. */
export interface SupersetTerminal {
  /** What was asked for. */
  readonly print: (line: string) => void;
  readonly warn: (line: string) => void;
}

/** The command behind `npm run superset`. */
export function supersetCommand({ print, warn }: SupersetTerminal, signal?: AbortSignal): Command {
  const program = new Command("superset").description("The dashboards of the music site for Superset, over the merged views in Presto.").showHelpAfterError("(add --help for the options)");
  withSource(program.command("import"))
    .description("put the dashboards into a Superset; again to replace them")
    .addOption(new Option("--url <url>", "where Superset is").env("MILLRACE_SUPERSET_URL").default("http://127.0.0.1:8089"))
    .addOption(new Option("--user <name>", "who logs in").env("MILLRACE_SUPERSET_USER").default("admin"))
    .addOption(new Option("--password <text>", "rather by the variable: command lines can be read by others").env("MILLRACE_SUPERSET_PASSWORD").default("admin"))
    .action(async ({ url, user, password, ...source }: ImportFlags) => {
      const { dashboards, missing } = await setUpSuperset({ url, user, password }, sourceOf(source), signal);
      for (const address of dashboards) print(address);
      if (missing.length > 0) warn(`not in Presto's schema "${source.catalog}.${source.schema}" yet: ${missing.join(", ")}. Their charts show an error until they are.`);
    });
  withSource(program.command("write"))
    .description("write the bundle's files, for an import by hand; default: into examples/music-events/superset")
    .argument("[dir]", "folder", KEPT)
    .action((dir: string, source: SourceFlags) => writeBundle(bundleOf(DASHBOARDS, sourceOf(source)), dir));
  return program;
}

const withSource = (command: Command): Command =>
  command
    .addOption(new Option("--presto <host:port>", "where Superset reaches Presto").env("MILLRACE_PRESTO").default("127.0.0.1:8082"))
    .addOption(new Option("--catalog <name>", "Presto's name for the metastore").default("hive"))
    .addOption(new Option("--schema <name>", "schema of the merged views").default("serving"));

const sourceOf = ({ presto, catalog, schema }: SourceFlags): { readonly uri: string; readonly schema: string } => ({ uri: `presto://millrace@${presto}/${catalog}`, schema });
