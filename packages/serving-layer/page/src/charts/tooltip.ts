/** A tooltip of elements: text is never read as markup, and styles come from the style sheet alone. */
export function tooltip(title: string, lines: readonly { readonly colour?: string; readonly name: string; readonly value: string; readonly strong?: boolean }[]): HTMLElement {
  const box = document.createElement("div");
  box.className = "tooltip";
  box.append(element("div", "tooltip-title", title));
  for (const { colour, name, value, strong } of lines) {
    const line = element("div", strong === true ? "tooltip-line strong" : "tooltip-line", "");
    const mark = element("span", "tooltip-mark", "");
    if (colour !== undefined) mark.style.background = colour;
    line.append(mark, element("span", "tooltip-name", name), element("span", "tooltip-value", value));
    box.append(line);
  }
  return box;
}

function element(tag: string, className: string, text: string): HTMLElement {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

/** The frame of every tooltip. */
export const tooltipFrame = { className: "tooltip-frame", confine: true, transitionDuration: 0, borderWidth: 0, padding: 0, backgroundColor: "transparent", shadowBlur: 0, extraCssText: "box-shadow:none" };
