import { LogPartitionModel } from "./model-log.js";
import { MasterDatasetModel } from "./master-dataset-model.js";
import { ModelStore } from "./model-store.js";
import { VIEWS } from "./parameters.js";
import { Publication } from "./publication.js";
import type { Rules } from "./rules.js";
import { seededRandom } from "./seeded-random.js";
import type { Random } from "./seeded-random.js";
import type { Variant } from "./variant.js";

export type FailureKind =
  | "lost record"
  | "record counted twice"
  | "foreign record"
  | "wrong accounts"
  | "stale answer"
  | "wrong drift"
  | "failed run"
  | "lost publication"
  | "pruned under a query"
  | "needless refusal"
  | "permanent refusal"
  | "no run can publish";

export interface Failure {
  readonly kind: FailureKind;
  readonly message: string;
}

/** Everything that the processes of one history share. */
export class World {
  readonly variant: Variant;
  readonly rules: Rules;
  readonly log: readonly LogPartitionModel[];
  readonly store: ModelStore;
  readonly master = new MasterDatasetModel();
  readonly publication = new Publication(VIEWS);
  now = 100;
  /** How many views are deployed. */
  views = 1;
  /** Set before every step from the step's own seed, so that leaving out a step leaves the others as they were. */
  random: Random = seededRandom(0);
  failure: Failure | undefined;
  readonly trace: string[] | undefined;
  readonly counts = { accepted: 0, refused: 0, incomplete: 0, comparedDrifts: 0, publications: 0, pruned: 0, refolds: 0 };
  #records = 0;

  constructor(variant: Variant, rules: Rules, traced: boolean) {
    this.variant = variant;
    this.rules = rules;
    this.trace = traced ? [] : undefined;
    this.log = variant.timestamps.map((timestamps) => new LogPartitionModel(timestamps));
    this.store = new ModelStore(variant, rules);
  }

  nextRecordId(): number {
    return this.#records++;
  }

  /** Adds a line to the trace of a failure. */
  readonly note = (line: () => string): void => {
    this.trace?.push(`${String(this.now).padStart(5)}  ${line()}`);
  };

  /** The first failure of a history is the one that counts. */
  fail(kind: FailureKind, message: string): void {
    this.failure ??= { kind, message };
    this.note(() => `*** ${kind}: ${message}`);
  }
}
