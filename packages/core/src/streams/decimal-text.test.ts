import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { scaledFromText, textFromScaled } from "./decimal-text.js";

describe("decimals as scaled integers", () => {
  it("are read exactly, with exponents, and refused with digits beyond the scale", () => {
    const cases: [string, number, bigint | undefined][] = [
      ["1.5", 2, 150n],
      ["-0.01", 2, -1n],
      ["+7", 0, 7n],
      [".5", 1, 5n],
      ["5.", 1, 50n],
      ["1e3", 0, 1000n],
      ["1.25e-1", 3, 125n],
      ["1.25e-1", 2, undefined],
      ["1.500", 1, 15n],
      ["0e999", 5, 0n],
      ["-0", 2, 0n],
      ["1e-7", 7, 1n],
      ["1e400", 2, undefined],
      ["1e-400", 2, undefined],
      ["", 2, undefined],
      [".", 2, undefined],
      ["1,5", 2, undefined],
      ["0x10", 2, undefined],
      [" 1", 2, undefined],
      ["NaN", 2, undefined],
      ["9223372036854775807", 0, 9223372036854775807n],
    ];
    for (const [text, scale, expected] of cases) expect([text, scale, scaledFromText(text, scale)]).toEqual([text, scale, expected]);
  });

  it("print all digits of their scale and are read back equal", () => {
    expect(textFromScaled(150, 2)).toBe("1.50");
    expect(textFromScaled(-5n, 3)).toBe("-0.005");
    expect(textFromScaled(-0, 0)).toBe("0");
    expect(textFromScaled(0, 2)).toBe("0.00");
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.nat(18), (scaled, scale) => {
        expect(scaledFromText(textFromScaled(scaled, scale), scale)).toBe(scaled);
      }),
    );
  });

  it("of a number's shortest text are what was written", () => {
    fc.assert(
      fc.property(fc.integer({ min: -(10 ** 14), max: 10 ** 14 }), fc.nat(9), (scaled, scale) => {
        expect(scaledFromText(String(scaled / 10 ** scale), scale)).toBe(BigInt(scaled));
      }),
    );
  });
});
