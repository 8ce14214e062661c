import fc from "fast-check";
import { expect, it } from "vitest";
import { repairMojibake } from "./repair-mojibake.js";
import { unquote } from "./unquote.js";

/** Its UTF-8 bytes, read as ISO-8859-1. */
const mistaken = (text: string): string => Buffer.from(text).toString("latin1");

it("repairs text that was read in the wrong encoding, however often", () => {
  for (const text of ["Björk", "Jóga", "Żółta Łódź", "夜の電車", "Διπλή Σελήνη", "🎵 Señorita"]) {
    expect(repairMojibake(mistaken(text))).toBe(text);
    expect(repairMojibake(mistaken(mistaken(mistaken(text))))).toBe(text);
  }
  expect(repairMojibake("BjÃ\u0083Â¶rk")).toBe("Björk");
});

it("leaves text that is right as it is", () => {
  for (const text of ["", "Plain \"quoted\" \\ text", "Björk", "Été", "Ångström", "São Paulo, où?", "10 °C ± 1", "Северный Ветер", "Björk – Ã¶ and 夜", "\uFEFFmark"]) {
    expect(repairMojibake(text)).toBe(text);
  }
});

it("gives the same for a text and its mistaken form, and changes nothing twice", () => {
  const text = fc.string({ unit: "binary", maxLength: 12 });
  fc.assert(
    fc.property(text, (value) => {
      const repaired = repairMojibake(value);
      expect(repairMojibake(mistaken(value))).toBe(repaired);
      expect(repairMojibake(repaired)).toBe(repaired);
    }),
  );
});

it("takes the quotation marks from around a user agent, and none from within", () => {
  expect(['"Mozilla/5.0 (X11)"', "Mozilla", '"', '""', 'a "b"', '"a" b'].map(unquote)).toEqual(["Mozilla/5.0 (X11)", "Mozilla", '"', "", 'a "b"', '"a" b']);
});
