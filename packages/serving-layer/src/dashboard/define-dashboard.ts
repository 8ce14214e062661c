import { ConfigurationError, type AnyView, type Every, type Problem, type View } from "@millrace/core";
import { describeView } from "../http/describe-view.js";
import type { BarsPanel, Dashboard, MapPanel, NumberPanel, Panel, PiePanel, TimePanel, TopPanel, TrendPanel } from "./dashboard.js";
import { panelProblems } from "./panel-problems.js";

type Show<T> = { [K in keyof T]: T[K] } & {};
type Measure<M> = keyof M & string;
type Dimension<D> = keyof D & string;

/** What of a panel follows from its view: names of dimensions and measures, and values to filter by. */
type Typed<P extends Panel, V, D, Fields> = Show<
  Omit<P, "view" | "where" | keyof Fields> & Fields & { readonly view: V; readonly where?: { readonly [N in keyof D]?: D[N] | readonly D[N][] } }
>;

/** A panel as it is declared: its names are those of its view. */
export type PanelDeclaration<V> =
  V extends View<string, infer D, infer M, Every>
    ?
        | Typed<TimePanel, V, D, { readonly measure: Measure<M> | readonly Measure<M>[]; readonly stack?: "layers" | { readonly by: Dimension<D>; readonly limit?: number } }>
        | Typed<TopPanel, V, D, { readonly by: readonly Dimension<D>[]; readonly measure: Measure<M>; readonly also?: readonly Measure<M>[] }>
        | Typed<BarsPanel, V, D, { readonly by: Dimension<D>; readonly measure: Measure<M>; readonly split?: { readonly by: Dimension<D>; readonly limit?: number } }>
        | Typed<MapPanel, V, D, { readonly by: Dimension<D>; readonly measure: Measure<M> }>
        | Typed<PiePanel, V, D, { readonly by: readonly Dimension<D>[]; readonly measure: Measure<M> }>
        | Typed<NumberPanel, V, D, { readonly measure: Measure<M> }>
        | Typed<TrendPanel, V, D, { readonly measure: Measure<M> }>
    : never;

/** What {@link defineDashboard} takes. */
export interface DashboardDeclaration<Vs extends readonly AnyView[]> extends Omit<Dashboard, "panels"> {
  readonly panels: readonly [...{ [I in keyof Vs]: PanelDeclaration<Vs[I]> }];
}

/**
 * Declares what the live page shows by default. Every panel asks one view; names of measures and dimensions are checked
 * by the compiler and again here.
 *
 * @throws {ConfigurationError} naming every mistake.
 *
 * @example
 * const dashboard = defineDashboard({
 *   title: "Shop",
 *   panels: [
 *     { kind: "time", title: "Orders", view: sales, measure: "orders", stack: "layers" },
 *     { kind: "top", title: "Shops", view: sales, by: ["shop"], measure: "revenue", also: ["orders"] },
 *   ],
 * });
 * createLambda({ views: [sales], platform, dashboard });
 */
export function defineDashboard<const Vs extends readonly AnyView[]>(declaration: DashboardDeclaration<Vs>): Dashboard {
  const problems: Problem[] = [];
  const report = (path: string, message: string) => void problems.push({ path, message });
  const declared = declaration.panels as readonly (Omit<Panel, "view"> & { readonly view: AnyView })[];
  if (typeof declaration.title !== "string" || declaration.title.trim() === "") report("title", "a dashboard needs a title");
  if (declared.length === 0) report("panels", "a dashboard needs at least one panel");
  checkLength("lastMs", declaration.lastMs, report);
  const panels = declared.map(({ view, where, ...rest }, i): Panel => {
    const panel = { ...rest, view: view.name, ...(where === undefined ? {} : { where: asJson(where) }) } as Panel;
    checkLength(`panels[${i}].lastMs`, panel.lastMs, report);
    for (const { path, message } of panelProblems(panel, describeView(view.definition))) report(`panels[${i}].${path}`, message);
    return panel;
  });
  if (problems.length > 0) throw new ConfigurationError(`defining dashboard "${declaration.title}"`, problems);
  return { ...declaration, panels };
}

const checkLength = (path: string, value: number | undefined, report: (path: string, message: string) => void) => {
  if (value !== undefined && !(Number.isSafeInteger(value) && value > 0)) report(path, `must be a whole number of ms above 0, not ${value}`);
};

/** Instants become ISO texts and exact integers text, as queries over HTTP take them. */
const asJson = (where: unknown): NonNullable<Panel["where"]> =>
  JSON.parse(JSON.stringify(where, (_key, value: unknown) => (typeof value === "bigint" ? value.toString() : value))) as NonNullable<Panel["where"]>;
