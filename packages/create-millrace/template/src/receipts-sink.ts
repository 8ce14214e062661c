import { mkdir, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Sink } from "millrace";

/** A sink of your own is one object. A batch has the same id and rows on every replay, so its file is written again as it was. */
export const receiptsSink = (folder: string): Sink<{ readonly item: string; readonly price: number }> => ({
  name: "receipts",
  async write({ id, rows }, signal) {
    const file = path.join(folder, `${id}.txt`);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(`${file}.part`, rows.map(({ item, price }) => `${item}: ${price.toFixed(2)}\n`).join(""), { signal });
    await rename(`${file}.part`, file);
  },
  close: () => Promise.resolve(),
});
