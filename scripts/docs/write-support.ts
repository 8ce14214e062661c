// npm run docs:support: runs the kits on everything they are declared for, and writes docs/support.md
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { root } from "../packages.mjs";
import { declaredSubjects, supportPage, testsOf } from "./support.js";

interface Results {
  readonly testResults: readonly { readonly name: string; readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[] }[];
}

const subjects = await declaredSubjects();
const files = [...new Set(subjects.map(({ file }) => file))];

/** Runs the kits in these files. What needs real servers is run with those, and waits until they are up. */
async function resultsOf(needed: readonly string[], ...config: readonly string[]): Promise<Results["testResults"]> {
  if (needed.length === 0) return [];
  const folder = await mkdtemp(path.join(tmpdir(), "millrace-support-"));
  const report = path.join(folder, "results.json");
  await new Promise((resolve, reject) => {
    const args = ["run", ...config, "--reporter=default", "--reporter=json", `--outputFile.json=${report}`, "--testNamePattern", "\\[[a-z-]+\\]", ...needed];
    const child = spawn(process.execPath, [path.join(root, "node_modules/vitest/vitest.mjs"), ...args], { cwd: root, stdio: "inherit" });
    child.once("error", reject);
    child.once("exit", resolve);
  });
  const { testResults } = JSON.parse(await readFile(report, "utf8")) as Results;
  await rm(folder, { recursive: true });
  return testResults;
}

const needsServers = (file: string): boolean => file.endsWith(".servers.test.ts");
const testResults = [
  ...(await resultsOf(files.filter((file) => !needsServers(file)))),
  ...(await resultsOf(files.filter(needsServers), "--config", "vitest.servers.config.ts")),
];

const status = new Map(testResults.flatMap(({ name, assertionResults }) => assertionResults.map((test) => [`${path.relative(root, name)} ${test.fullName}`, test.status])));
const unproved = subjects.flatMap((subject) =>
  testsOf(subject)
    .map((test) => `${subject.file} ${subject.group === "" ? "" : `${subject.group.replaceAll(" > ", " ")} `}${test}`)
    .filter((test) => status.get(test) !== "passed"),
);
if (unproved.length > 0) {
  console.error(`docs/support.md is left as it is, because these laws are not proved:\n${unproved.map((test) => `  ${test}`).join("\n")}`);
  process.exitCode = 1;
} else {
  await writeFile(path.join(root, "docs/support.md"), supportPage(subjects));
  console.log(`docs/support.md: ${subjects.length} implementations, ${subjects.reduce((sum, subject) => sum + testsOf(subject).length, 0)} laws`);
}
