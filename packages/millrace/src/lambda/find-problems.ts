import { modelOrder } from "@millrace/batch-layer";
import { unknownName, type AnyView, type Problem, type StreamDefinition } from "@millrace/core";
import type { LambdaDefinition } from "./lambda-definition.js";

/** Every mistake of a lambda's declaration that its parts could not see on their own. */
export function findProblems<Vs extends AnyView>(definition: LambdaDefinition<Vs>): readonly Problem[] {
  const problems: Problem[] = [];
  const report = (path: string, message: string) => problems.push({ path, message });

  if (definition.views.length + (definition.models?.length ?? 0) + (definition.outputs?.length ?? 0) === 0)
    report("views", "a lambda needs at least one view, model or output");
  findRepeats([...definition.views.map(({ name }) => name), ...(definition.models ?? []).map(({ name }) => name)], (name, first) =>
    report(first < definition.views.length ? "views" : "models", `the name "${name}" is used twice: views and models are tables of one warehouse`),
  );
  findRepeats((definition.outputs ?? []).map(({ sink, stream }) => `${sink.name} from ${stream.topic}`), (name) =>
    report("outputs", `the sink ${name} is used twice: its position could not be told from the other's`),
  );

  const served = definition.views.map(({ name }) => name);
  definition.dashboard?.panels.forEach(({ view }, i) => {
    if (!served.includes(view)) report(`dashboard.panels[${i}].view`, `the lambda has no view ${unknownName(view, served)}`);
  });

  findRepeats((definition.questions ?? []).map(({ name }) => name), (name) => report("questions", `the name "${name}" is used twice`));
  const tables = modelOrder((definition.models ?? []).map((model) => model.definition));
  definition.questions?.forEach(({ definition: { name, answeredBy } }, i) => {
    const missing = (kind: string, wanted: string, known: readonly string[]) => report(`questions[${i}]`, `"${name}" is answered from the ${kind} ${unknownName(wanted, known)}: the lambda needs it`);
    if (answeredBy.by === "views") for (const view of answeredBy.views) if (!definition.views.some((one) => one.definition === view)) missing("view", view.name, served);
    if (answeredBy.by === "models") for (const model of Object.values(answeredBy.from)) if (!tables.includes(model)) missing("model", model.name, tables.map((table) => table.name));
  });

  const streams = new Map<string, StreamDefinition>();
  for (const [path, stream] of [
    ...definition.views.map((view, i) => [`views[${i}].from`, view.definition.from] as const),
    ...(definition.outputs ?? []).map((output, i) => [`outputs[${i}].from`, output.stream] as const),
    ...(definition.streams ?? []).map((stream, i) => [`streams[${i}]`, stream.definition] as const),
  ]) {
    const known = streams.get(stream.topic);
    if (known === undefined) streams.set(stream.topic, stream);
    else if (known !== stream) report(path, `the topic "${stream.topic}" has two streams: declare it once with \`defineStream\` and use that everywhere`);
  }

  for (const port of ["log", "store", "files", "engine", "clock"] as const)
    if (definition.platform?.[port] === undefined) report(`platform.${port}`, "this port is missing: a platform has log, store, files, engine and clock");
  const { mergedViews, catalog, store } = definition.platform ?? {};
  if (mergedViews !== undefined && catalog === undefined) report("platform.mergedViews", "merged views read what `catalog` shows, and there is none");
  if (mergedViews !== undefined && store?.schema?.locate === undefined) report("platform.mergedViews", `merged views read the store's tables with SQL, and ${store === undefined ? "there is none" : `"${store.name}" has no such tables`}`);
  const positive = (path: string, value: number | null | undefined) => {
    if (value !== undefined && value !== null && !(Number.isSafeInteger(value) && value > 0)) report(path, `must be a whole number above 0, not ${value}`);
  };
  positive("grid.segmentOffsets", definition.grid?.segmentOffsets);
  positive("grid.segmentMs", definition.grid?.segmentMs);
  positive("speedRetentionMs", definition.speedRetentionMs);
  positive("batchEveryMs", definition.batchEveryMs);
  positive("maxInFlight", definition.maxInFlight);
  if (definition.sealGuardMs !== undefined && !(definition.sealGuardMs >= 0)) report("sealGuardMs", `must be 0 or more, not ${definition.sealGuardMs}`);
  if (definition.flushMinMs !== undefined && !(definition.flushMinMs >= 0)) report("flushMinMs", `must be 0 or more, not ${definition.flushMinMs}`);
  return problems;
}

function findRepeats(names: readonly string[], report: (name: string, index: number) => void): void {
  const seen = new Set<string>();
  names.forEach((name, index) => {
    if (seen.has(name)) report(name, index);
    seen.add(name);
  });
}
