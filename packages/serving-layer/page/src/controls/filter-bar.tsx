import { useState } from "preact/hooks";
import type { ViewDescription } from "../../../src/http/describe-view.js";

interface FilterBarProps {
  readonly dimensions: ViewDescription["dimensions"];
  readonly filters: readonly (readonly [column: string, value: string])[];
  readonly onChange: (filters: readonly (readonly [column: string, value: string])[]) => void;
}

/** Values that rows must have. Two of one dimension are either. */
export function FilterBar({ dimensions, filters, onChange }: FilterBarProps) {
  const [column, setColumn] = useState(dimensions[0]!.name);
  const [value, setValue] = useState("");
  const chosen = dimensions.find(({ name }) => name === column) ?? dimensions[0]!;
  const add = (event: Event) => {
    event.preventDefault();
    if (value === "" && !chosen.nullable) return;
    if (!filters.some(([name, text]) => name === chosen.name && text === value)) onChange([...filters, [chosen.name, value]]);
    setValue("");
  };
  return (
    <div class="filters">
      <form onSubmit={add} aria-label="Add a filter">
        <select aria-label="Dimension" value={chosen.name} onChange={(event) => setColumn(event.currentTarget.value)}>
          {dimensions.map(({ name }) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
        <span aria-hidden="true">=</span>
        <input aria-label="Value" value={value} placeholder={chosen.nullable ? "value, empty for none" : "value"} autocomplete="off" spellcheck={false} onInput={(event) => setValue(event.currentTarget.value)} />
        <button type="submit">Filter</button>
      </form>
      <ul class="chips" aria-label="Filters">
        {filters.map(([name, text]) => (
          <li key={`${name}=${text}`}>
            <button type="button" class="chip" onClick={() => onChange(filters.filter(([known, other]) => known !== name || other !== text))} aria-label={`Remove the filter ${name} = ${text}`}>
              {name} = {text === "" ? "(none)" : text} <span aria-hidden="true">×</span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
