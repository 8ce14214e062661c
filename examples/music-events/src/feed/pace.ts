/** How fast simulated time passes: with the wall clock, a number of times faster, or as fast as the layers keep up. */
export type Pace = { readonly kind: "wall" } | { readonly kind: "times"; readonly factor: number } | { readonly kind: "max" };

/** `wall`, `max`, or a factor such as `60`; undefined when the text is none of them. */
export function parsePace(text: string): Pace | undefined {
  if (text === "wall") return { kind: "wall" };
  if (text === "max") return { kind: "max" };
  const factor = Number(text);
  return text.trim() !== "" && Number.isFinite(factor) && factor > 0 ? { kind: "times", factor } : undefined;
}
