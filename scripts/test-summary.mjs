// Prints the tests that failed, and at the end "<passed> passed, <failed> failed" from vitest's JSON reports. A file that could not be loaded, and a run without a report, count as one failure each.
import { readFileSync } from "node:fs";

/** @typedef {{ name: string, status: string, message: string, assertionResults: { status: string, fullName: string, failureMessages: string[] }[] }} FileResult */
/** @typedef {{ success: boolean, numPassedTests: number, numFailedTests: number, testResults: FileResult[] }} Report */

let passed = 0;
let failed = 0;
for (const file of process.argv.slice(2)) {
  try {
    /** @type {Report} */
    const report = JSON.parse(readFileSync(file, "utf8"));
    const broken = report.testResults.filter((each) => each.status === "failed" && each.assertionResults.length === 0).length;
    // Their place in the output may be thousands of lines above.
    for (const { name, status, message, assertionResults } of report.testResults) {
      if (status === "failed" && assertionResults.length === 0) console.log(`FAILED ${name}\n  ${message}`);
      for (const each of assertionResults) if (each.status === "failed") console.log(`FAILED ${name}: ${each.fullName}\n  ${each.failureMessages.join("\n  ").slice(0, 2_000)}`);
    }
    passed += report.numPassedTests;
    // A run that failed without a failed test, because its servers did not start, has failed all the same.
    failed += report.success ? report.numFailedTests + broken : Math.max(1, report.numFailedTests + broken);
  } catch (cause) {
    console.error(`No test report was written: ${file}`, cause);
    failed++;
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
