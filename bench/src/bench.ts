import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { benchDecodeFold } from "./decode-fold.js";

const { values } = parseArgs({
  options: {
    /** Events that every bench works on. */
    events: { type: "string", default: "1000000" },
    /** Where the figures go as JSON, besides the lines printed. */
    json: { type: "string" },
    /** Names of benches, separated by commas. Default: all. */
    only: { type: "string" },
  },
});

const events = Number(values.events);
if (!Number.isSafeInteger(events) || events < 1) throw new RangeError(`--events must be a whole number of at least 1, not "${values.events}"`);
const log = (line: string) => process.stdout.write(`${line}\n`);

/** Each prints its lines and returns its figures. */
const benches: Readonly<Record<string, () => Promise<unknown>>> = {
  "decode-fold": () => benchDecodeFold({ events, log }),
};

const wanted = values.only?.split(",") ?? Object.keys(benches);
const figures: Record<string, unknown> = {};
for (const name of wanted) {
  const bench = benches[name];
  if (bench === undefined) throw new RangeError(`--only: there is no bench "${name}"; there are ${Object.keys(benches).join(", ")}`);
  figures[name] = await bench();
}
if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify({ events, node: process.version, figures }, null, 2)}\n`);
