import { useEffect, useRef } from "preact/hooks";
import { init, type EChartsCoreOption, type EChartsType } from "./echarts.js";

interface ChartProps {
  readonly option: EChartsCoreOption;
  /** What the picture says, for who does not see it; the panel's table has the numbers. */
  readonly label: string;
  readonly className?: string;
}

/** A picture that follows its option and its size. Updates move what is there; nothing is drawn anew. */
export function Chart({ option, label, className = "" }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<EChartsType | undefined>(undefined);
  useEffect(() => {
    const drawn = init(place.current!, undefined, { renderer: "canvas" });
    chart.current = drawn;
    const sized = new ResizeObserver(() => drawn.resize());
    sized.observe(place.current!);
    return () => {
      sized.disconnect();
      drawn.dispose();
    };
  }, []);
  useEffect(() => {
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    chart.current!.setOption({ animation: !still, animationDuration: 0, animationDurationUpdate: 180, ...option }, { replaceMerge: ["series"], lazyUpdate: true });
  }, [option]);
  return <div ref={place} class={`chart ${className}`} role="img" aria-label={label} />;
}
