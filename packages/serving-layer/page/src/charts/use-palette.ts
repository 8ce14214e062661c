import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Palette } from "./palette.js";

export const PaletteContext = createContext<Palette | undefined>(undefined);

export function usePalette(): Palette {
  const palette = useContext(PaletteContext);
  if (palette === undefined) throw new Error("a chart lies outside of the page");
  return palette;
}
