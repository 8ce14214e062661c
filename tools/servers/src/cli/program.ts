import { Argument, Command, InvalidArgumentError } from "commander";
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import path from "node:path";
import { UnknownNodeError } from "../errors/unknown-node-error.js";
import { cacheDir } from "../install/cache-dir.js";
import type { Instance } from "../instance/instance.js";
import type { KnownServer } from "./known-server.js";
import { KNOWN_SERVERS } from "./known-server.js";
import type { ServerStatus } from "./server-status.js";
import { readStatus, statusLines } from "./server-status.js";
import { startAll } from "./start-all.js";
import { startsInOrder, withNeeds } from "./start-order.js";
import { stopSignal } from "./stop-signal.js";

const names = KNOWN_SERVERS.map(({ name }) => name);
const print = (text: string): boolean => process.stdout.write(`${text}\n`);

/** The command behind `npm run servers`. */
export function createProgram(): Command {
  const program = new Command("servers")
    .description("Real servers as plain processes on this machine, without Docker.")
    .option("--run-dir <dir>", "folder of configuration, data and logs, one below it for each server; default: run in the cache folder")
    .showHelpAfterError("(add --help for the options)");
  const runDir = (server: string): string => path.join(path.resolve(program.opts<{ readonly runDir?: string }>().runDir ?? path.join(cacheDir(), "run")), server);
  const found = async (server: KnownServer): Promise<Instance | undefined> => (existsSync(runDir(server.name)) ? server.find(runDir(server.name)) : undefined);
  const allStatus = async (): Promise<readonly ServerStatus[]> =>
    (
      await Promise.all(
        KNOWN_SERVERS.map(async (server) => {
          const instance = await found(server);
          return instance === undefined ? undefined : readStatus(server, instance);
        }),
      )
    ).filter((each) => each !== undefined);
  const printStatus = async (json: boolean | undefined): Promise<void> => {
    const all = await allStatus();
    if (json) print(JSON.stringify(all, undefined, 2));
    else print(all.length === 0 ? "nothing was started here" : all.flatMap(statusLines).join("\n"));
  };
  const chosen = (given: readonly string[]): readonly KnownServer[] => (given.length === 0 ? KNOWN_SERVERS : KNOWN_SERVERS.filter(({ name }) => given.includes(name)));

  const up = program
    .command("up")
    .description("start servers, find those that run, and return when all answer; they go on until `down`")
    .addArgument(new Argument("<servers...>", "which").choices(names))
    .option("--json", "print the status as JSON");
  for (const server of KNOWN_SERVERS) server.addOptions(up);
  up.action(async (given: readonly string[], flags: Readonly<Record<string, unknown>>) => {
    await startAll(
      startsInOrder(
        withNeeds(KNOWN_SERVERS, chosen(given)),
        (server, others, signal) => server.start(runDir(server.name), flags, signal, others),
        async (name) => found(KNOWN_SERVERS.find((server) => server.name === name)!),
      ),
      stopSignal(),
    );
    await printStatus(flags["json"] === true);
  });

  program
    .command("status")
    .description("what runs, and whether it answers")
    .option("--json", "print JSON")
    .action(({ json }: { readonly json?: boolean }) => printStatus(json));

  program
    .command("logs")
    .description("the end of the logs of a server or a node")
    .argument("<name>", `${names.join(", ")}, or a node as \`status\` names it`)
    .option("--lines <n>", "lines of each log", toLines, 100)
    .action(async (name: string, { lines }: { readonly lines: number }) => {
      for (const node of (await nodesNamed(name, found)).nodes) print(node.logTail(lines));
    });

  program
    .command("kill")
    .description("`kill -9` of a node; `up` starts it again")
    .argument("<node>", "its name in `status`: kafka-1, datanode")
    .action(async (name: string) => {
      const { nodes } = await nodesNamed(name, found);
      for (const node of nodes) {
        print(node.running ? `killed ${node.name}` : `${node.name} does not run`);
        await node.kill();
      }
    });

  program
    .command("down")
    .description("stop servers; their data stay")
    .addArgument(new Argument("[servers...]", "which; default: all").choices(names))
    .option("--delete-data", "remove their data, configuration and logs as well")
    .action(async (given: readonly string[], { deleteData }: { readonly deleteData?: boolean }) => {
      await Promise.all(
        chosen(given).map(async (server) => {
          const instance = await found(server);
          if (!instance) return;
          const running = instance.nodes.filter((node) => node.running).length;
          await instance.stop();
          if (deleteData) await rm(instance.runDir, { recursive: true, force: true });
          print(`${server.name}: ${running === 0 ? "did not run" : "stopped"}${deleteData ? ", data removed" : ""}`);
        }),
      );
    });
  return program;
}

/** The nodes of a server, or the one node, of this name. */
async function nodesNamed(name: string, found: (server: KnownServer) => Promise<Instance | undefined>): Promise<Pick<Instance, "nodes">> {
  const all = (await Promise.all(KNOWN_SERVERS.map(async (server) => (await found(server))?.nodes.map((node) => ({ node, server: server.name })) ?? []))).flat();
  const nodes = all.filter(({ node, server }) => node.name === name || server === name).map(({ node }) => node);
  if (nodes.length > 0) return { nodes };
  throw new UnknownNodeError(name, all.map(({ node }) => node.name));
}

function toLines(text: string): number {
  const lines = Number(text);
  if (!Number.isInteger(lines) || lines < 1) throw new InvalidArgumentError("a number of lines is 1 or more.");
  return lines;
}
