/** The colours of charts, read from the style sheet so that each is said once. */
export interface Palette {
  readonly ink: string;
  readonly muted: string;
  readonly line: string;
  readonly card: string;
  readonly batch: string;
  readonly speed: string;
  readonly scaleLow: string;
  readonly scaleHigh: string;
  /** For values of a dimension. */
  readonly series: readonly string[];
}

export function readPalette(): Palette {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    ink: colour("ink"),
    muted: colour("muted"),
    line: colour("line"),
    card: colour("card"),
    batch: colour("batch"),
    speed: colour("speed"),
    scaleLow: colour("scale-low"),
    scaleHigh: colour("scale-high"),
    // The first two are those of the layers, and come last: beside them another blue would read as batch.
    series: [3, 4, 6, 5, 7, 8, 1, 2].map((i) => colour(`series-${i}`)),
  };
}
