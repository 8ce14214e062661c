/** What the two colours of the layers mean. */
export function LayerLegend() {
  return (
    <ul class="legend" aria-label="Colours">
      <li>
        <span class="mark batch" />
        Batch
      </li>
      <li>
        <span class="mark speed" />
        Speed
      </li>
    </ul>
  );
}
