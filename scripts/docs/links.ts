/** A link or picture of a Markdown page. */
export interface Link {
  /** As written: a path relative to the page, an address, or `#anchor`. */
  readonly target: string;
  /** From 1. */
  readonly line: number;
}

// [text](target), ![text](target "title"), and the attributes of HTML in Markdown.
const LINK = /(\]\(\s*<?)([^)\s>]+)|(\b(?:href|src|srcset)=")([^"\s]+)/g;

/** Rewrites every target outside code. What is not rewritten stays as it is, byte for byte. */
export function replaceLinks(markdown: string, replace: (target: string, line: number) => string): string {
  let fence: string | undefined;
  return markdown
    .split("\n")
    .map((text, i) => {
      const mark = /^\s*(```+|~~~+)/.exec(text)?.[1];
      if (mark !== undefined && (fence === undefined || mark.startsWith(fence))) {
        fence = fence === undefined ? mark : undefined;
        return text;
      }
      if (fence !== undefined) return text;
      // Inline code is no link: the odd pieces lie between backticks.
      return text
        .split(/(`[^`]*`)/)
        .map((piece, n) => (n % 2 === 1 ? piece : piece.replace(LINK, (_, open?: string, target?: string, attribute?: string, value?: string) => `${open ?? attribute}${replace((target ?? value)!, i + 1)}`)))
        .join("");
    })
    .join("\n");
}

/** Every link and picture of a page, in order, but those in code. */
export function linksOf(markdown: string): readonly Link[] {
  const links: Link[] = [];
  replaceLinks(markdown, (target, line) => {
    links.push({ target, line });
    return target;
  });
  return links;
}
