/** A sentence of a declaration: what stands between backquotes is code. */
export function DocText({ text }: { readonly text: string }) {
  return <>{text.split("`").map((part, i) => (i % 2 === 0 ? part : <code key={i}>{part}</code>))}</>;
}
