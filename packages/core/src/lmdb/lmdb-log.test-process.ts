import { lmdbLog } from "./lmdb-log.js";

// Run by lmdb-log.test.ts: <folder> append <name> <count> prints the offset of each confirmed append;
// <folder> append-and-tail <name> <count> <until> appends and prints all records below <until> as JSON.
const [folder, task, name, count, until] = process.argv.slice(2);
const never = new AbortController().signal;
const log = lmdbLog({ path: folder! });

for (let i = 0; i < Number(count); i++) {
  const [appended] = await log.append("t", [{ partition: 0, value: `${name} ${i}` }], never);
  if (task === "append") process.stdout.write(`${appended!.offset}\n`);
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
