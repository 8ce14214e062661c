import type { Cut } from "../log/cut.js";

/**
 * One published result of the batch layer: `generations/<number, 8 digits>.json`, written create-without-overwrite;
 * that file is the claim. The pointer `generations/current` is one line with the number; replacing it is the switch.
 */
export interface Generation {
  readonly format: 1;
  readonly number: number;
  /** The generation it was built from; null for the first. */
  readonly parent: number | null;
  readonly kind: "incremental" | "full" | "rollback";
  /** For a rollback, the generation whose content it has. */
  readonly contentOf: number | null;
  /** Epoch ms. */
  readonly startedAt: number;
  readonly publishedAt: number;
  readonly cut: Cut;
  /** The instant that `--cut-at` named, epoch ms, or null: newest sealed boundaries. */
  readonly cutAt: number | null;
  readonly tables: readonly TableGeneration[];
  readonly drift: readonly ViewDrift[];
  readonly checks: readonly { readonly name: string; readonly rows: number }[];
  /** By topic, how many of its erasures the tables were built with: erasures 1 to that number. Absent: none. */
  readonly erasures?: Readonly<Record<string, number>>;
}

/** One table of a generation: which versions of it a reader takes. */
export interface TableGeneration {
  readonly name: string;
  readonly kind: "view" | "model";
  readonly partitioned: "date" | "whole";
  readonly fingerprint: string;
  /** By date (`YYYY-MM-DD`, UTC), or the one key `""` of a whole table. */
  readonly versions: Readonly<Record<string, TableVersion>>;
}

/** One immutable version of a table or of one of its dates, at `tables/<name>/[date=<date>/]version=<version>/`. */
export interface TableVersion {
  readonly version: string;
  readonly rows: number;
  /** Paths of the file system. */
  readonly files: readonly string[];
  readonly bytes: number;
}

/** batch(g+1) minus (batch(g) merged with the partials between the two cuts). Only a list blocks publication. */
export type ViewDrift =
  | { readonly view: string; readonly status: "none"; readonly rowsCompared: number }
  | { readonly view: string; readonly status: "not-comparable"; readonly reason: string }
  | { readonly view: string; readonly status: "list"; readonly rows: readonly DriftRow[]; readonly total: number };

/** One cell that the new generation and the old one merged with the speed layer do not agree on. */
export interface DriftRow {
  readonly window: number;
  readonly dimensions: readonly unknown[];
  readonly cell: string;
  readonly expected: string;
  readonly actual: string;
}
