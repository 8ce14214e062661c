/** Text without the quotation marks that lie around it, as one that was taken out of a CSV field with them. */
export const unquote = (text: string): string => (text.length > 1 && text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text);
