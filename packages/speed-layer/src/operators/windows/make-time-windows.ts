import type { OperatorFunction } from "rxjs";
import type { Every, View } from "@millrace/core";
import type { ColumnarBatch } from "../columnar-batch.js";
import type { Forked } from "../forked.js";
import type { LateEvent } from "./late-event.js";
import { PaneFolds } from "./pane-folds.js";
import { TimeWindows } from "./time-windows.js";
import { WindowEngine } from "./window-engine.js";
import { windowOperator } from "./window-operator.js";
import { resolveWindowOptions } from "./window-options.js";
import type { WindowOptions } from "./window-options.js";
import type { WindowRow } from "./window-row.js";

/** Windows of `lengths.sizeMs` that start at the multiples of `hopMs`. */
export function timeWindows<Dims, Out, R>(
  kind: string,
  view: View<string, Dims, Out, Every>,
  lengths: { readonly sizeMs: number; readonly hopMs?: number },
  hopMs: number,
  options: WindowOptions,
): OperatorFunction<ColumnarBatch<R>, Forked<WindowRow<Dims, Out>, LateEvent<R>>> {
  const { definition } = view;
  const resolved = resolveWindowOptions(kind, view, { ...lengths }, options);
  return windowOperator(resolved.name, resolved.clock, () => {
    const folds = new PaneFolds(definition, hopMs, resolved.name, resolved.maxRows);
    return new WindowEngine<R, WindowRow<Dims, Out>>(definition, new TimeWindows(folds, lengths.sizeMs, hopMs), folds, lengths.sizeMs, resolved);
  });
}
