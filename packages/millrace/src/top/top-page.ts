import type { Generation } from "@millrace/core";
import type { PartitionTrust, TopicTrust, Trust } from "@millrace/serving-layer";
import { toTable } from "../cli/print.js";

/** What a page is made from. */
export interface TopFacts {
  readonly trust: Trust;
  /** What the page before was made from, and how long ago in real time, ms: rates are counted from it. */
  readonly before?: { readonly trust: Trust; readonly agoMs: number } | undefined;
  /** The newest ones, oldest first. */
  readonly generations: readonly Generation[];
}

/** Generations that are shown. */
const GENERATIONS = 3;

/** How far a deployment is, as text for a terminal: a line a partition, what answers lack, the newest generations. */
export function topPage({ trust, before, generations }: TopFacts): string {
  const { at, generation, topics } = trust;
  const published = generation === null ? "no generation yet" : `generation ${generation.number}, published ${span(at - generation.publishedAt)} ago`;
  const blocks = [`${new Date(at).toISOString()}   ${published}   ${topics.every(({ complete }) => complete) ? "answers are complete" : "answers are NOT complete"}`];
  blocks.push(toTable(topics.flatMap((topic) => topic.partitions.map((partition) => lineOf(topic, partition, before)))));
  const lacking = topics.flatMap(lackingOf);
  if (lacking.length > 0) blocks.push(lacking.join("\n"));
  if (generations.length > 0) blocks.push(toTable(generations.slice(-GENERATIONS).map(generationLine)));
  return blocks.join("\n\n");
}

function lineOf({ topic }: TopicTrust, partition: PartitionTrust, before: TopFacts["before"]) {
  const { log, reach, lag, heartbeatAgeMs, segments, master, cut, late, deadLetters } = partition;
  return {
    topic,
    partition: partition.partition,
    "log end": log?.end,
    "records/s": rateOf(topic, partition, before),
    durable: reach,
    lag,
    worker: heartbeatAgeMs === null ? "" : `${span(heartbeatAgeMs)} ago`,
    segments: reach === null ? "" : `${segments.sealed} sealed, ${segments.open} open`,
    "master until": master.until,
    cut,
    late,
    "dead letters": deadLetters,
  };
}

/** Records that were appended between the two, a second. */
function rateOf(topic: string, { partition, logVersion, log }: PartitionTrust, before: TopFacts["before"]): number | undefined {
  const then = before?.trust.topics.find((each) => each.topic === topic)?.partitions.find((each) => each.partition === partition && each.logVersion === logVersion)?.log;
  if (before === undefined || !then || log === null) return undefined;
  return Math.round((1_000 * (log.end - then.end)) / before.agoMs);
}

const lackingOf = ({ views }: TopicTrust): readonly string[] =>
  views.flatMap(({ view, missing }) => missing.map(({ topic, partition, from, until, reason }) => `${view} lacks ${topic}/${partition} [${from}, ${until ?? "end"}): ${reason}`));

const generationLine = ({ number: which, kind, startedAt, publishedAt, drift, tables }: Generation) => ({
  generation: which,
  kind,
  published: new Date(publishedAt),
  took: span(publishedAt - startedAt),
  tables: tables.length,
  drift: driftOf(drift),
});

function driftOf(drift: Generation["drift"]): string {
  const views = (wanted: Generation["drift"][number]["status"]): string => {
    const n = drift.filter(({ status }) => status === wanted).length;
    return n === 0 ? "" : `${n} view${n === 1 ? "" : "s"} ${wanted === "not-comparable" ? "not comparable" : n === 1 ? "differs" : "differ"}`;
  };
  return [views("list"), views("not-comparable")].filter((text) => text !== "").join(", ") || "0";
}

/** `0.4 s`, `3 min`, `5 h`, `2 d`. */
export function span(ms: number): string {
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min`;
  return ms < 2 * 86_400_000 ? `${Math.floor(ms / 3_600_000)} h` : `${Math.floor(ms / 86_400_000)} d`;
}
