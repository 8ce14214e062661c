import type { LogPartition } from "../log/position.js";

const digits = (offset: number) => String(offset).padStart(16, "0");

/** Folder of one topic's manifests. */
export const manifestFolder = (topic: string): string => `master/${topic}/_manifests`;

/** `master/<topic>/_manifests/v<V>-p<P>/<first, 16 digits>.json`: in path order, manifests are in offset order. */
export const manifestPath = ({ topic, logVersion, partition }: LogPartition, first: number): string =>
  `${manifestFolder(topic)}/v${logVersion}-p${partition}/${digits(first)}.json`;

/** Where a segment's end is fixed, create-without-overwrite, before its first file. */
export const segmentEndPath = ({ topic, logVersion, partition }: LogPartition, first: number): string =>
  `master/${topic}/_ends/v${logVersion}-p${partition}/${digits(first)}.end`;

/** The Parquet file of one segment and event date. */
export const segmentFilePath = ({ topic, logVersion, partition }: LogPartition, first: number, date: string): string =>
  `master/${topic}/date=${date}/v${logVersion}-p${partition}-${first}.parquet`;

/** The NDJSON file of a segment's dead letters. */
export const deadLetterFilePath = ({ topic, logVersion, partition }: LogPartition, first: number): string =>
  `master/${topic}/_dead-letters/v${logVersion}-p${partition}/${digits(first)}.ndjson`;

/** Where grid, origin and log version of a partition are written once. */
export const gridRecordPath = (topic: string, partition: number): string => `master/${topic}/_grid/p${partition}.json`;

/** Up to when a partition without new records is known to be quiet; replaced. */
export const quietRecordPath = ({ topic, logVersion, partition }: LogPartition): string => `master/${topic}/_quiet/v${logVersion}-p${partition}.json`;
