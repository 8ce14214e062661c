import type { SinkBatch } from "@millrace/core";

/** The file of a sink batch: by its coordinates, so that in path order the files are in offset order. */
export function sinkFilePath(folder: string, { topic, logVersion, partition, from }: SinkBatch<unknown>, extension: string): string {
  return `${folder}/${topic}/v${logVersion}-p${partition}/${String(from).padStart(16, "0")}.${extension}`;
}
