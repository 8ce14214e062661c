import { lmdbLog } from "./lmdb-log.js";

// Run by lmdb-log.test.ts: <folder> append <name> <count> prints the offset of each confirmed append;
// <folder> append-and-tail <name> <count> <until> appends and prints all records below <until> as JSON;
// <folder> append-on <name> <count> appends, and prints a line after the first time;
// <folder> open opens and closes the log without end, and prints a line after the first time.
const [folder, task, name, count, until] = process.argv.slice(2);
const never = new AbortController().signal;
for (let times = 0; task === "open"; times++) {
  const opened = lmdbLog({ path: folder! });
  await opened.describe("t", never);
  await opened.close();
  if (times === 0) process.stdout.write("opened\n");
}
const log = lmdbLog({ path: folder! });

for (let i = 0; i < Number(count); i++) {
  const [appended] = await log.append("t", [{ partition: 0, value: `${name} ${i}` }], never);
  if (task === "append" || (task === "append-on" && i === 0)) process.stdout.write(`${appended!.offset}\n`);
}
if (task === "append-and-tail") {
  const records: { offset: number; appendedAt: number; value: string }[] = [];
  for await (const batch of log.read({ topic: "t", partition: 0, from: 0 }, never)) {
    for (let i = 0; i < batch.length; i++) {
      const value = Buffer.from(batch.data.subarray(batch.valueStart[i], batch.valueEnd[i])).toString();
      records.push({ offset: batch.offsets[i]!, appendedAt: batch.appendedAt[i]!, value });
    }
    if (batch.position >= Number(until)) break;
  }
  process.stdout.write(`${JSON.stringify(records)}\n`);
}
await log.close();
