import type { DimensionValue } from "@millrace/core";

/** Stands for a null dimension in a text column: the symbol for null, which prints as what it is. */
export const NULL_TEXT = "\u2400";

/**
 * A dimension's value as the text of its column: the text itself, `␀` for null. What starts with `␀`, and what UTF-8
 * cannot say (lone surrogates), stands behind `␀` and a letter, so that every value comes back as it was.
 */
export function textOfDimension(value: DimensionValue): string {
  if (typeof value === "string") {
    if (value.startsWith(NULL_TEXT)) return `${NULL_TEXT}s${value}`;
    return (value as string & { isWellFormed(): boolean }).isWellFormed() ? value : `${NULL_TEXT}j${JSON.stringify(value)}`;
  }
  switch (typeof value) {
    case "number":
      return `${NULL_TEXT}n${value}`;
    case "bigint":
      return `${NULL_TEXT}i${value}`;
    case "boolean":
      return `${NULL_TEXT}b${value}`;
    default:
      return NULL_TEXT;
  }
}

/** @throws {RangeError} for what {@link textOfDimension} does not write. */
export function dimensionOfText(text: string): DimensionValue {
  if (!text.startsWith(NULL_TEXT)) return text;
  const content = text.slice(2);
  switch (text[1]) {
    case undefined:
      return null;
    case "s":
      return content;
    case "j":
      return JSON.parse(content) as string;
    case "n":
      return Number(content);
    case "i":
      return BigInt(content);
    case "b":
      return content === "true";
    default:
      throw new RangeError(`reading a dimension: "${text}" is not one that Millrace wrote`);
  }
}
