import { createWriteStream } from "node:fs";
import { once } from "node:events";
import { join } from "node:path";
import { PARTITIONS, listenEvents } from "./listen-events.js";

/**
 * Writes the events of each partition as `part-<p>.ndjson`, and their times of appending as doubles in
 * `part-<p>.appended-at`. Returns the bytes of the JSON.
 */
export async function writeListenEvents(directory: string, events: number): Promise<number> {
  const streams = Array.from({ length: PARTITIONS }, (_, p) => createWriteStream(join(directory, `part-${p}.ndjson`)));
  const times = Array.from({ length: PARTITIONS }, () => [] as number[]);
  const pending = streams.map(() => [] as string[]);
  let bytes = 0;
  const flush = async () => {
    for (const [p, stream] of streams.entries()) {
      const text = pending[p]!.join("");
      pending[p] = [];
      bytes += Buffer.byteLength(text);
      if (!stream.write(text)) await once(stream, "drain");
    }
  };
  let waiting = 0;
  for (const { partition, appendedAt, value } of listenEvents(events)) {
    pending[partition]!.push(value, "\n");
    times[partition]!.push(appendedAt);
    if (++waiting % 20_000 === 0) await flush();
  }
  await flush();
  for (const [p, stream] of streams.entries()) {
    stream.end();
    await once(stream, "close");
    const appended = createWriteStream(join(directory, `part-${p}.appended-at`));
    appended.end(Buffer.from(Float64Array.from(times[p]!).buffer));
    await once(appended, "close");
  }
  return bytes;
}
