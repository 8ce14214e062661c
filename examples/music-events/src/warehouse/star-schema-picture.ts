import type { Columns, Model, ModelDefinition } from "millrace";

const ROW = 19;
const HEAD = 30;
const WIDTH = 250;
const GAP = 26;
const COLUMNS = [20, 375, 730] as const;
const TOP = 20;

interface Box {
  readonly model: ModelDefinition;
  readonly x: number;
  readonly y: number;
  readonly height: number;
}

/**
 * The star schema as SVG, drawn from what the models declare: facts in the middle, which are those that refer to others,
 * and what they refer to on both sides. A key is bold, a line leads from each reference to the key it is checked against.
 */
export function starSchemaPicture(models: readonly Model<string, Columns>[]): string {
  const definitions = models.map((model) => model.definition);
  const referenced = new Set(definitions.flatMap((model) => Object.values(model.references)));
  const facts = stack(definitions.filter((model) => Object.keys(model.references).length > 0), COLUMNS[1]);
  const [left, right] = sides(definitions.filter((model) => referenced.has(model)));
  const dimensions = [...stack(left, COLUMNS[0], heightOf(facts)), ...stack(right, COLUMNS[2], heightOf(facts))];
  const height = Math.max(heightOf(facts), heightOf(dimensions)) + TOP;
  const lines = facts.flatMap((fact) => Object.entries(fact.model.references).map(([column, model]) => line(fact, column, dimensions.find((box) => box.model === model)!)));
  const label = `${facts.length} facts (${facts.map(({ model }) => model.name).join(", ")}) that share ${dimensions.length} dimensions (${dimensions.map(({ model }) => model.name).join(", ")}).`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1000 ${height}" font-family="ui-sans-serif, system-ui, sans-serif" font-size="13" role="img" aria-label="${label}">`,
    "  <style>",
    "    .fact { fill: #ddf4ff; stroke: #0969da; } .dimension { fill: #dafbe1; stroke: #1a7f37; } .line { stroke: #57606a; fill: none; stroke-opacity: 0.55; }",
    "    text { fill: #1f2328; } .type { fill: #57606a; font-size: 12px; } .key { font-weight: 600; }",
    "    @media (prefers-color-scheme: dark) {",
    "      .fact { fill: #121d2f; stroke: #4493f8; } .dimension { fill: #12261e; stroke: #3fb950; } .line { stroke: #9198a1; }",
    "      text { fill: #e6edf3; } .type { fill: #9198a1; }",
    "    }",
    "  </style>",
    ...lines.map((each) => `  ${each}`),
    ...facts.map((box) => `  ${draw(box, "fact")}`),
    ...dimensions.map((box) => `  ${draw(box, "dimension")}`),
    "</svg>",
    "",
  ].join("\n");
}

const boxHeight = (model: ModelDefinition): number => HEAD + Object.keys(model.columns).length * ROW + 8;
const heightOf = (boxes: readonly Box[]): number => Math.max(...boxes.map(({ y, height }) => y + height));

/** Boxes below one another; spread over a height, where one is given. */
function stack(models: readonly ModelDefinition[], x: number, over?: number): readonly Box[] {
  const total = models.reduce((sum, model) => sum + boxHeight(model), 0);
  const gap = over === undefined ? GAP : Math.max(GAP, (over - TOP - total) / Math.max(1, models.length - 1));
  const boxes: Box[] = [];
  let y = TOP;
  for (const model of models) {
    const height = boxHeight(model);
    boxes.push({ model, x, y: Math.round(y), height });
    y += height + gap;
  }
  return boxes;
}

/** Two sides of about the same height. */
function sides(models: readonly ModelDefinition[]): readonly [readonly ModelDefinition[], readonly ModelDefinition[]] {
  const left: ModelDefinition[] = [];
  const right: ModelDefinition[] = [];
  const height = (side: readonly ModelDefinition[]) => side.reduce((sum, model) => sum + boxHeight(model), 0);
  for (const model of models) (height(left) <= height(right) ? left : right).push(model);
  return [left, right];
}

function draw({ model, x, y, height }: Box, kind: "fact" | "dimension"): string {
  const rows = Object.entries(model.columns).map(([name, { kind: type, optional }], i) => {
    const at = rowAt(y, i);
    const key = model.key.includes(name) ? ' class="key"' : "";
    return `<text x="${x + 12}" y="${at}"${key}>${name}</text><text class="type" x="${x + WIDTH - 12}" y="${at}" text-anchor="end">${type}${optional ? "?" : ""}</text>`;
  });
  return `<rect class="${kind}" x="${x}" y="${y}" width="${WIDTH}" height="${height}" rx="8"/><text x="${x + WIDTH / 2}" y="${y + 20}" text-anchor="middle" font-weight="700">${model.name}</text>${rows.join("")}`;
}

const rowAt = (y: number, row: number): number => y + HEAD + row * ROW + 12;

function line(fact: Box, column: string, dimension: Box): string {
  const rowOf = ({ model, y }: Box, name: string) => rowAt(y, Object.keys(model.columns).indexOf(name)) - 4;
  const toLeft = dimension.x < fact.x;
  const from = { x: toLeft ? fact.x : fact.x + WIDTH, y: rowOf(fact, column) };
  const to = { x: toLeft ? dimension.x + WIDTH : dimension.x, y: rowOf(dimension, dimension.model.key[0]!) };
  const middle = (from.x + to.x) / 2;
  return `<path class="line" d="M${from.x} ${from.y}C${middle} ${from.y} ${middle} ${to.y} ${to.x} ${to.y}"/>`;
}
