import { useEffect, useRef } from "preact/hooks";
import { FONT } from "./font.js";
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
    const fit = () => {
      // What is not shown has no size to be drawn in.
      if (!drawn.isDisposed() && drawn.getDom().clientWidth > 0) drawn.resize();
    };
    const sized = new ResizeObserver(fit);
    sized.observe(place.current!);
    // What was drawn before the font had come was drawn, and measured, in another one.
    void document.fonts.load(`11px ${FONT}`).then(fit);
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
