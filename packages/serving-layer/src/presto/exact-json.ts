// Texts are passed over. A number with a point or an exponent is a double, and is told exactly by one.
const TOKENS = /"(?:[^"\\]|\\.)*"|(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/g;

/**
 * Parses JSON as `JSON.parse` does, but for integers that a number would round: those become texts of their digits. The
 * column's type tells whether such a text was a number.
 */
export const exactJson = {
  parse: (text: string): unknown => JSON.parse(text.replace(TOKENS, (token) => (token.startsWith('"') || Number.isSafeInteger(Number(token)) ? token : `"${token}"`))),
};
