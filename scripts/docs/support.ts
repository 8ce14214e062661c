import { readFile } from "node:fs/promises";
import path from "node:path";
import ts from "typescript";
import fc from "fast-check";
import {
  eventLogConformance,
  fileSystemConformance,
  lambdaLaws,
  roleLockConformance,
  sinkConformance,
  sqlEngineConformance,
  viewStoreConformance,
  workerGroupConformance,
} from "../../packages/core/src/testing/index.js";
import type { It } from "../../packages/core/src/testing/index.js";
import { root } from "../packages.mjs";
import { sourceFiles } from "./pages.js";

/** A kit of `@millrace/core/testing`, as the page shows it. */
export interface Kit {
  /** The function's name. */
  readonly name: string;
  /** What the names of its tests begin with. */
  readonly title: string;
  readonly port: string;
  /** Law id -> its sentence. */
  readonly laws: ReadonlyMap<string, string>;
}

/** One implementation that a kit is run on. */
export interface Subject {
  readonly kit: string;
  /** Test file, from the repository's root. */
  readonly file: string;
  /** Names of the tests around it, joined by " > ". */
  readonly group: string;
  readonly name: string;
  /** Law id -> reason. */
  readonly waived: ReadonlyMap<string, string>;
}

const never = (): Promise<never> => Promise.reject(new Error("a kit that only lists its laws makes no subject"));

/** The laws of a kit, without proving any. */
function lawsOf(declare: (it: It) => void): { readonly title: string; readonly laws: ReadonlyMap<string, string> } {
  const laws = new Map<string, string>();
  let title = "";
  declare((name) => {
    const [, kit, says, id] = /^([^:]+): (.*) \[([\w-]+)\]$/.exec(name) ?? [];
    if (kit === undefined) return;
    title = kit;
    laws.set(id!, says!);
  });
  return { title, laws };
}

/** The kits, in the order of the page. */
export const KITS: readonly Kit[] = [
  { name: "eventLogConformance", port: "EventLog", ...lawsOf((it) => eventLogConformance(it, never)) },
  { name: "viewStoreConformance", port: "ViewStore", ...lawsOf((it) => viewStoreConformance(it, never)) },
  { name: "fileSystemConformance", port: "FileSystem", ...lawsOf((it) => fileSystemConformance(it, never)) },
  { name: "sqlEngineConformance", port: "SqlEngine", ...lawsOf((it) => sqlEngineConformance(it, never)) },
  { name: "sinkConformance", port: "Sink", ...lawsOf((it) => sinkConformance(it, never)) },
  { name: "roleLockConformance", port: "RoleLock", ...lawsOf((it) => roleLockConformance(it, never)) },
  { name: "workerGroupConformance", port: "WorkerGroup", ...lawsOf((it) => workerGroupConformance(it, never)) },
  { name: "lambdaLaws", port: "", ...lawsOf((it) => lambdaLaws(it, { create: never, records: fc.constant({ topic: "", value: "", partition: 0 }) })) },
];

/** What a subject is called where the tests around it do not say it. */
const NAMES: Readonly<Record<string, string>> = {
  "packages/speed-layer/src/cassandra/cassandra-store.test.ts viewStoreConformance": "cassandraStore, client in memory",
  "packages/speed-layer/src/cassandra/cassandra-store.servers.test.ts viewStoreConformance": "cassandraStore",
  "packages/speed-layer/src/cassandra/cassandra-sink.test.ts sinkConformance": "cassandraSink, client in memory",
  "packages/speed-layer/src/cassandra/cassandra-sink.servers.test.ts sinkConformance": "cassandraSink",
  "packages/core/src/memory/conformance.test.ts eventLogConformance": "memoryLog",
  "packages/core/src/memory/conformance.test.ts viewStoreConformance": "memoryViewStore",
  "packages/core/src/memory/conformance.test.ts fileSystemConformance": "memoryFileSystem",
  "packages/core/src/memory/conformance.test.ts sinkConformance": "memorySink",
  "packages/core/src/memory/conformance.test.ts roleLockConformance": "memoryRoleLock",
  "packages/core/src/memory/conformance.test.ts workerGroupConformance": "memoryWorkerGroup",
  "packages/core/src/kafka/kafka-log.test.ts eventLogConformance": "kafkaLog, client in memory",
  "packages/core/src/kafka/kafka-log.servers.test.ts eventLogConformance": "kafkaLog",
  "packages/batch-layer/src/local/local-file-system.test.ts fileSystemConformance": "localFileSystem",
  "packages/batch-layer/src/hdfs/hdfs-conformance.servers.test.ts fileSystemConformance": "hdfsFileSystem",
  "packages/batch-layer/src/hdfs/from-web-hdfs.servers.test.ts fileSystemConformance": "fromWebHdfs",
  "packages/batch-layer/src/duckdb/duckdb-conformance.test.ts sqlEngineConformance": "duckdbEngine",
  "packages/batch-layer/src/hive/hive-conformance.servers.test.ts sqlEngineConformance": "hiveEngine on Spark",
  "packages/serving-layer/src/presto/presto-conformance.servers.test.ts sqlEngineConformance": "prestoEngine on Presto",
  "packages/millrace/src/testing/test-lambda.test.ts lambdaLaws": "memoryPlatform",
  "examples/extending/src/measures.test.ts lambdaLaws": "measures of one's own",
};

/** Every implementation that a kit is run on, as the test files declare it: nothing is run. */
export async function declaredSubjects(): Promise<readonly Subject[]> {
  const found: Subject[] = [];
  for (const file of (await sourceFiles()).filter((each) => each.endsWith(".test.ts"))) {
    const text = await readFile(path.join(root, file), "utf8");
    if (KITS.some(({ name }) => text.includes(`${name}(`) || text.includes(`${name}<`))) found.push(...subjectsIn(file, text));
  }
  return found.sort((a, b) => kitAt(a) - kitAt(b) || Number(b.name.startsWith("memory")) - Number(a.name.startsWith("memory")) || (a.file < b.file ? -1 : 1));
}

const kitAt = ({ kit }: Subject): number => KITS.findIndex(({ name }) => name === kit);

function subjectsIn(file: string, text: string): readonly Subject[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
  const constants = new Map<string, string>();
  const found: Subject[] = [];
  const visit = (node: ts.Node, groups: readonly string[]): void => {
    if (ts.isVariableDeclaration(node) && ts.isIdentifier(node.name) && node.initializer && ts.isStringLiteralLike(node.initializer)) constants.set(node.name.text, node.initializer.text);
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression)) {
      const [first, second, third] = node.arguments;
      const called = node.expression.text;
      // With another `it` the test looks at the kit itself.
      if (KITS.some(({ name }) => name === called) && first && ts.isIdentifier(first) && first.text === "it") {
        const group = groups.join(" > ");
        found.push({ kit: called, file, group, name: NAMES[`${file} ${called}`] ?? groups.at(-1) ?? path.basename(file, ".test.ts"), waived: waiversOf(third, constants) });
      }
      if (called === "describe" && first && ts.isStringLiteralLike(first) && second) return visit(second, [...groups, first.text]);
    }
    ts.forEachChild(node, (child) => visit(child, groups));
  };
  visit(source, []);
  return found;
}

function waiversOf(node: ts.Expression | undefined, constants: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const waived = new Map<string, string>();
  if (!node || !ts.isObjectLiteralExpression(node)) return waived;
  for (const property of node.properties) {
    if (!ts.isPropertyAssignment(property)) continue;
    const { initializer } = property;
    const reason = ts.isStringLiteralLike(initializer) ? initializer.text : ts.isIdentifier(initializer) ? constants.get(initializer.text) : undefined;
    waived.set((property.name as ts.StringLiteral | ts.Identifier).text, reason ?? "see its test");
  }
  return waived;
}

/** The names of the tests that a subject's laws are, without the tests around them. */
export function testsOf(subject: Subject): readonly string[] {
  const { title, laws } = KITS[kitAt(subject)]!;
  return [...laws].map(([id, says]) => (subject.waived.has(id) ? `${title}: waived [${id}]: ${subject.waived.get(id)}` : `${title}: ${says} [${id}]`));
}

/** The page `docs/support.md`. */
export function supportPage(subjects: readonly Subject[]): string {
  const lines = [
    "# What is proved",
    "",
    "<!-- Written by `npm run docs:support`, which runs the kits. Do not edit. -->",
    "",
    "Every port has a conformance kit: laws, each a test, that an implementation must keep. This page lists what each implementation that comes with Millrace, or is shown in an example, keeps. A law that one cannot keep is **waived**, with its reason; a waived law must fail, so that no waiver outlives it.",
    "",
    "How to run a kit on a port of your own: [platforms](guides/platforms.md). What the laws are for: [concepts](concepts/README.md).",
    "",
    "| port | implementation | laws kept | waived |",
    "|---|---|---|---|",
  ];
  for (const kit of KITS) {
    for (const { name, waived, file } of subjects.filter((each) => each.kit === kit.name)) {
      lines.push(`| ${kit.port === "" ? "whole lambdas" : `\`${kit.port}\``} | ${shown(name)} ([test](../${file})) | ${kit.laws.size - waived.size} of ${kit.laws.size} | ${waived.size === 0 ? "" : [...waived.keys()].join(", ")} |`);
    }
  }
  for (const kit of KITS) {
    const columns = subjects.filter((each) => each.kit === kit.name);
    if (columns.length === 0) continue;
    lines.push("", `## ${kit.port === "" ? "Whole lambdas" : `\`${kit.port}\``}`, "", `\`${kit.name}\` of \`@millrace/core/testing\`.`, "");
    lines.push(`| law | ${columns.map(({ name }) => shown(name)).join(" | ")} |`, `|---|${columns.map(() => "---|").join("")}`);
    for (const [id, says] of kit.laws) lines.push(`| ${cell(says)} \`${id}\` | ${columns.map(({ waived }) => (waived.has(id) ? "waived" : "kept")).join(" | ")} |`);
    const reasons = columns.flatMap(({ name, waived }) => [...waived].map(([id, reason]) => `- ${shown(name)}, \`${id}\`: ${reason}.`));
    if (reasons.length > 0) lines.push("", "Waived:", "", ...reasons);
  }
  return `${lines.join("\n")}\n`;
}

const shown = (name: string): string => (/^\w+$/.test(name) ? `\`${name}\`` : name);
const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("<", "&lt;");
