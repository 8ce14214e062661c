import fc from "fast-check";
import { expect, it } from "vitest";
import { compareText } from "./compare-text.js";

it("texts are ordered by their UTF-8 bytes, also beyond U+FFFF", () => {
  const unit = fc.constantFrom("a", "b", "", "é", "\ud7ff", "\ue000", "\uffff", "😀", "𐀀", "\u{10ffff}");
  const text = fc.oneof(fc.string({ unit: "binary" }), fc.array(unit, { maxLength: 5 }).map((parts) => parts.join("")));
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(Math.sign(compareText(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
    { numRuns: 500 },
  );
  expect(compareText("😀", "\uffff")).toBeGreaterThan(0);
});
