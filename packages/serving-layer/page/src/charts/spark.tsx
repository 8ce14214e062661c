/** A small line without axes. Decoration: the number beside it says what counts. */
export function Spark({ values }: { readonly values: readonly number[] }) {
  if (values.length < 2) return null;
  const [width, height] = [120, 32];
  const most = Math.max(...values);
  const least = Math.min(0, ...values);
  const points = values.map((value, i) => [(i / (values.length - 1)) * width, height - 2 - ((value - least) / (most - least || 1)) * (height - 4)] as const);
  const line = points.map(([x, y], i) => `${i === 0 ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
  return (
    <svg class="spark" viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true">
      <path class="spark-area" d={`${line}L${width} ${height}L0 ${height}Z`} />
      <path class="spark-line" d={line} vector-effect="non-scaling-stroke" />
    </svg>
  );
}
