import fc from "fast-check";
import { expect, it } from "vitest";
import { compareText } from "./compare-text.js";

it("orders as the bytes of the texts do", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", "é", "\uD7FF", "\uE000", "\uFFFD", "\u{10000}", "\u{1F600}") });
  fc.assert(fc.property(text, text, (a, b) => void expect(Math.sign(compareText(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)))));
});
