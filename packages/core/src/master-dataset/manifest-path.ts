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

/** Folder of a topic's readings: manifests of segments that were read again. */
export const readingsFolder = (topic: string): string => `master/${topic}/_readings`;

/** The manifest of a reading. `reading` names what it was made by: a function of the stream's declaration and of what is erased. */
export const readingPath = ({ topic, logVersion, partition }: LogPartition, first: number, reading: string): string =>
  `${readingsFolder(topic)}/v${logVersion}-p${partition}/${digits(first)}-${reading}.json`;

/** The Parquet file of one segment and event date, in one reading: those of two declarations are never the same file. */
export const segmentFilePath = ({ topic, logVersion, partition }: LogPartition, first: number, date: string, reading: string): string =>
  `master/${topic}/date=${date}/v${logVersion}-p${partition}-${first}-${reading}.parquet`;

/** The NDJSON file of a segment's dead letters, in one reading. */
export const deadLetterFilePath = ({ topic, logVersion, partition }: LogPartition, first: number, reading: string): string =>
  `master/${topic}/_dead-letters/v${logVersion}-p${partition}/${digits(first)}-${reading}.ndjson`;

/** Folder of a topic's erasures. */
export const erasuresFolder = (topic: string): string => `master/${topic}/_erasures`;

/** The record of a topic's erasure: `master/<topic>/_erasures/<number, 8 digits>.json`, created without overwriting. */
export const erasurePath = (topic: string, number: number): string => `${erasuresFolder(topic)}/${String(number).padStart(8, "0")}.json`;

/** Where grid, origin and log version of a partition are written once. */
export const gridRecordPath = (topic: string, partition: number): string => `master/${topic}/_grid/p${partition}.json`;

/** Up to when a partition without new records is known to be quiet; replaced. */
export const quietRecordPath = ({ topic, logVersion, partition }: LogPartition): string => `master/${topic}/_quiet/v${logVersion}-p${partition}.json`;
