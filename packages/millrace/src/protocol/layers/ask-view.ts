import type { Serving } from "@millrace/serving-layer";
import { UnservableError } from "@millrace/serving-layer";
import type { UnservableReason } from "@millrace/serving-layer";
import { FIRST_LOG_VERSION, readGridRecord, segmentName } from "@millrace/core";
import type { AnyView, ProgressRow } from "@millrace/core";
import { rowOf, TOPIC, VIEWS } from "./layer-views.js";
import { RANGE } from "./layer-world.js";
import type { LayerWorld } from "./layer-world.js";

/** What may refuse an answer while processes crash, rows expire and views are deployed. */
const REFUSALS: ReadonlySet<UnservableReason> = new Set<UnservableReason>(["broken-chain", "expired", "trimmed", "not-built"]);
const REFUSALS_OF_LOST_LOGS: ReadonlySet<UnservableReason> = new Set<UnservableReason>([...REFUSALS, "truncated"]);

const never = new AbortController().signal;

export interface Asked {
  /** Why there is no answer, or not all that the log has. */
  readonly refused?: string;
  /** Why it is not complete. */
  readonly missing: readonly string[];
  /** By partition. */
  readonly asOf: readonly number[];
}

interface AnsweredRow {
  readonly window: Date;
  readonly song?: string;
  readonly plays: number;
  readonly bits: bigint;
}

/**
 * Asks a view for everything, and compares the answer with the log itself: it must hold every record below its as-of
 * offsets once, nothing that the log does not have, and no less than progress rows promised before it was asked.
 */
export async function askView(world: LayerWorld, serving: Serving<(typeof VIEWS)[number]>, name: (typeof VIEWS)[number]["name"]): Promise<Asked> {
  const { clock, counts, damaged } = world;
  const view = (VIEWS as readonly AnyView[]).find((each) => each.name === name)!.definition;
  const promised = await promises(world, view.fingerprint);
  const ask = serving.query as unknown as (view: string, query: object) => Promise<{ rows: AnsweredRow[]; envelope: { generation: number; complete: boolean; asOf: { partition: number; logVersion: number; offset: number }[]; missing?: { reason: string }[] } }>;
  let answer: Awaited<ReturnType<typeof ask>>;
  try {
    answer = await ask(name, RANGE);
  } catch (error) {
    if (!(error instanceof UnservableError)) throw error;
    counts.refusals++;
    world.note(() => `a query of ${name} is refused: ${error.message}`);
    if (!(damaged.size > 0 ? REFUSALS_OF_LOST_LOGS : REFUSALS).has(error.reason) && !injected(error)) world.fail("refusal without a reason", error.message);
    return { refused: error.message, missing: [], asOf: [] };
  }
  const { rows, envelope } = answer;
  counts[envelope.complete ? "answers" : "incomplete"]++;
  const asOf = world.placed.map((_, partition) => envelope.asOf.find((each) => each.partition === partition && each.logVersion === FIRST_LOG_VERSION)?.offset ?? 0);
  world.note(() => `a query of ${name} is answered from generation ${envelope.generation}, as of ${asOf.join()}${envelope.complete ? "" : `, not complete: ${envelope.missing?.map(({ reason }) => reason).join()}`}`);
  const missing = envelope.missing?.map(({ reason }) => reason) ?? [];
  // Told that reads may miss writes, nobody takes the rows for more than they are.
  if (missing.includes("not-overlapping")) {
    counts.notOverlapping++;
    return { missing, asOf };
  }

  const found = new Set<number>();
  const plays = world.placed.flat();
  for (const { window, song = "", plays: counted, bits } of rows) {
    const key = `${window.getTime()} ${song}`;
    const ids = plays.filter(({ id }) => (bits >> BigInt(id)) & 1n).map(({ id }) => id);
    if (ids.length !== counted || bits >= 1n << BigInt(plays.length)) world.fail("wrong row", `${key} counts ${counted} and has the records ${ids.join()}`);
    for (const id of ids) {
      const play = plays.find((each) => each.id === id)!;
      if (rowOf(name, play) !== key) world.fail("foreign record", `record ${id} is in ${key}`);
      found.add(id);
    }
  }
  for (const [partition, own] of world.placed.entries()) {
    // Nobody has read a partition without a record: what it lost before is not Millrace's.
    const origin = (await readGridRecord(world.files, TOPIC, partition, never))?.origin ?? world.log.records(TOPIC, partition)[0]?.offset ?? Infinity;
    for (const play of own) {
      if (rowOf(name, play) !== undefined && play.offset >= origin && play.offset < asOf[partition]! && !found.has(play.id)) {
        world.fail("lost record", `offset ${play.offset} of p${partition} (record ${play.id}), as of ${asOf[partition]}, generation ${envelope.generation}`);
      }
    }
    const until = Math.max(0, ...promised.filter(({ segment, coveredUntil }) => segment.partition === partition && coveredUntil > clock.now()).map((row) => row.until));
    if (asOf[partition]! < until && envelope.complete) world.fail("stale answer", `p${partition}: as of ${asOf[partition]}, ${until} was promised before it was asked`);
  }
  return { missing, asOf };
}

/** The progress rows that every reader sees, whichever replicas it asks. */
async function promises({ stores, replication }: LayerWorld, fingerprint: string): Promise<readonly ProgressRow[]> {
  const rows = (await Promise.all(stores.map((store) => store.readProgress(fingerprint, TOPIC, never)))).flat();
  const holders = (row: ProgressRow): number =>
    rows.filter((other) => other.version >= row.version && other.segment.partition === row.segment.partition && segmentName(other.segment) === segmentName(row.segment)).length;
  return rows.filter((row) => holders(row) > replication.replicas - replication.read);
}

function injected(error: Error): boolean {
  return error.cause instanceof Error && ("code" in error.cause ? error.cause.code === "INJECTED_FAULT" : injected(error.cause));
}
