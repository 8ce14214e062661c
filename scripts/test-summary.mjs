// Prints "<passed> passed, <failed> failed" from vitest's JSON report. A file that could not be loaded counts as one failure.
import { readFileSync } from "node:fs";

/** @typedef {{ status: string, assertionResults: unknown[] }} FileResult */
/** @type {{ numPassedTests: number, numFailedTests: number, testResults: FileResult[] }} */
let report = { numPassedTests: 0, numFailedTests: 1, testResults: [] };
try {
  report = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8"));
} catch (cause) {
  console.error("No test report was written.", cause);
}
const broken = report.testResults.filter((file) => file.status === "failed" && file.assertionResults.length === 0).length;
const failed = report.numFailedTests + broken;
console.log(`${report.numPassedTests} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
