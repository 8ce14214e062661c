import { useState } from "preact/hooks";
import { GRANULARITIES } from "../settings/granularity.js";
import { browserZone, RANGES, type Settings } from "../settings/settings.js";
import { partsIn } from "../text/format-time.js";
import { labelOf } from "../text/label-of.js";
import { instantOf } from "../text/zoned-time.js";
import { Choice } from "./choice.js";

interface ToolbarProps {
  readonly settings: Settings;
  /** The time of the views, epoch ms. */
  readonly now: number | undefined;
  /** Whether there is nothing below that has a range. */
  readonly zoneAlone: boolean;
  /** What there is to choose, and what "Auto" means; default: that of charts of views. */
  readonly granularities?: { readonly all: readonly string[]; readonly auto: string } | undefined;
  readonly onChange: (settings: Partial<Settings>) => void;
}

/** Range, granularity and zone of everything below. */
export function Toolbar({ settings: { range, granularity, zone }, now, zoneAlone, granularities = { all: GRANULARITIES, auto: "Auto" }, onChange }: ToolbarProps) {
  const [choosing, setChoosing] = useState(false);
  const fixed = "from" in range;
  const known = !fixed && RANGES.some(({ lastMs }) => lastMs === range.lastMs);
  // What the address says stays to be seen, also where it cannot be asked.
  const offered = granularity === undefined || granularities.all.includes(granularity) ? granularities.all : [...granularities.all, granularity];
  const zoneChoice = <Choice label="Zone" value={zone} options={zones(zone).map((name) => ({ value: name, label: name.replaceAll("_", " ") }))} onChange={(name) => onChange({ zone: name })} className="zone" />;
  if (zoneAlone) return <div class="toolbar">{zoneChoice}</div>;
  return (
    <div class="toolbar" role="group" aria-label="What is shown">
      <div class="segments" role="group" aria-label="Time range">
        {RANGES.map(({ lastMs, label, long }) => (
          <button
            key={lastMs}
            type="button"
            aria-pressed={!fixed && range.lastMs === lastMs}
            aria-label={`The ${long}`}
            onClick={() => {
              setChoosing(false);
              onChange({ range: { lastMs } });
            }}
          >
            {label}
          </button>
        ))}
        <button type="button" aria-pressed={fixed || (!known && !fixed)} aria-expanded={choosing} onClick={() => setChoosing(!choosing)}>
          {fixed || known ? "From … to" : `${Math.round(range.lastMs / 60_000)} min`}
        </button>
      </div>
      <Choice label="By" value={granularity ?? "auto"} options={[{ value: "auto", label: granularities.auto }, ...offered.map((name) => ({ value: name, label: name === "all" ? "Total" : labelOf(name) }))]} onChange={(value) => onChange({ granularity: value === "auto" ? undefined : value })} />
      {zoneChoice}
      {choosing ? (
        <FixedRange
          zone={zone}
          from={fixed ? Date.parse(range.from) : (now ?? 0) - (fixed ? 0 : range.lastMs)}
          until={fixed ? Date.parse(range.until) : (now ?? 0)}
          onChoose={(from, until) => {
            setChoosing(false);
            onChange({ range: { from: new Date(from).toISOString(), until: new Date(until).toISOString() } });
          }}
        />
      ) : null}
    </div>
  );
}

interface FixedRangeProps {
  readonly zone: string;
  readonly from: number;
  readonly until: number;
  readonly onChoose: (from: number, until: number) => void;
}

function FixedRange({ zone, from, until, onChoose }: FixedRangeProps) {
  const [texts, setTexts] = useState({ from: localText(zone, from), until: localText(zone, until) });
  const [start, end] = [instantAt(zone, texts.from), instantAt(zone, texts.until)];
  const wrong = start === undefined || end === undefined || start >= end;
  return (
    <form
      class="fixed-range"
      aria-label="A range that stays"
      onSubmit={(event) => {
        event.preventDefault();
        if (!wrong) onChoose(start, end);
      }}
    >
      <label>
        From <input type="datetime-local" value={texts.from} onInput={(event) => setTexts({ ...texts, from: event.currentTarget.value })} />
      </label>
      <label>
        to <input type="datetime-local" value={texts.until} onInput={(event) => setTexts({ ...texts, until: event.currentTarget.value })} />
      </label>
      <span class="soft">in {zone.replaceAll("_", " ")}</span>
      <button type="submit" disabled={wrong}>
        Show
      </button>
    </form>
  );
}

const COMMON = ["UTC", "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "Europe/London", "Europe/Berlin", "Asia/Kolkata", "Asia/Shanghai", "Asia/Tokyo", "Australia/Sydney"];

/** The usual ones first, then all that the browser knows. */
function zones(chosen: string): readonly string[] {
  const all = Intl.supportedValuesOf("timeZone");
  return [...new Set([chosen, browserZone(), ...COMMON, ...all])];
}

const two = (value: number): string => String(value).padStart(2, "0");

function localText(zone: string, instant: number): string {
  const { year, month, day, hour, minute } = partsIn(zone, instant);
  return `${String(year).padStart(4, "0")}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}`;
}

function instantAt(zone: string, text: string): number | undefined {
  const asUtc = Date.parse(`${text}Z`);
  return Number.isNaN(asUtc) ? undefined : instantOf(zone, asUtc);
}
