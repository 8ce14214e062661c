import type { ComponentChildren } from "preact";

export interface TableData {
  readonly columns: readonly { readonly name: string; readonly number?: boolean }[];
  readonly rows: readonly (readonly ComponentChildren[])[];
}

/** Rows as they are; numbers are aligned by their digits. */
export function DataTable({ data: { columns, rows }, caption, className = "" }: { readonly data: TableData; readonly caption: string; readonly className?: string }) {
  return (
    <div class={`table-frame ${className}`} tabIndex={0} role="region" aria-label={caption}>
      <table>
        <caption class="hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ name, number }) => (
              <th key={name} scope="col" class={number === true ? "number" : ""}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((cells, i) => (
            <tr key={i}>
              {cells.map((cell, j) => (
                <td key={j} class={columns[j]?.number === true ? "number" : ""}>
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
