/** A figure to reach. Missing it fails no bench: machines differ, results must not. */
export interface Goal {
  readonly name: string;
  readonly value: number;
  /** The figure must be at least, or at most, this. */
  readonly least?: number;
  readonly most?: number;
  readonly reached: boolean;
}

export function goal(name: string, value: number, bound: { readonly least: number } | { readonly most: number }): Goal {
  return { name, value, ...bound, reached: "least" in bound ? value >= bound.least : value <= bound.most };
}

export function goalLine({ name, value, least, most, reached }: Goal): string {
  const number = (figure: number) => figure.toLocaleString("en", { maximumFractionDigits: figure < 100 ? 2 : 0 });
  return `  goal: ${name} ${least === undefined ? `at most ${number(most!)}` : `at least ${number(least)}`}: ${number(value)}, ${reached ? "reached" : "MISSED"}`;
}
