import { mkdir } from "node:fs/promises";
import { writeListenEvents } from "../listen-events/write-listen-events.js";

export interface WriteNdjsonParams {
  readonly directory: string;
  readonly events: number;
}

/** Writes the events as files, for those who do not read a log. */
export async function writeNdjson({ directory, events }: WriteNdjsonParams) {
  await mkdir(directory, { recursive: true });
  return { bytes: await writeListenEvents(directory, events) };
}
