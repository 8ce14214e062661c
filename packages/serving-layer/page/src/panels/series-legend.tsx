/** Which colour is which series. */
export function SeriesLegend({ series }: { readonly series: readonly { readonly name: string; readonly colour: string }[] }) {
  return (
    <ul class="legend" aria-label="Colours">
      {series.map(({ name, colour }) => (
        <li key={name}>
          <span class="mark" style={{ background: colour }} />
          {name}
        </li>
      ))}
    </ul>
  );
}
