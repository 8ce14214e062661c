import fc from "fast-check";
import { expect, it } from "vitest";
import { stickyAssignment } from "./sticky-assignment.js";

const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `plays/${i}`);
const sizes = (shares: ReadonlyMap<string, readonly string[]>): number[] => [...shares.values()].map(({ length }) => length);

it("gives each partition to one member, evenly, whatever the order of members", () => {
  const owned = fc.uniqueArray(fc.nat(14).map((n) => `plays/${n}`));
  fc.assert(
    fc.property(fc.uniqueArray(fc.record({ id: fc.stringMatching(/^[a-f]{1,3}$/), owned }), { selector: ({ id }) => id, minLength: 1, maxLength: 6 }), fc.nat(15), (members, count) => {
      const shares = stickyAssignment(members, names(count));
      expect([...shares.values()].flat().sort()).toEqual(names(count).sort());
      expect(Math.max(...sizes(shares)) - Math.min(...sizes(shares))).toBeLessThanOrEqual(1);
      expect(new Map(stickyAssignment([...members].reverse(), names(count).reverse()))).toEqual(shares);
    }),
  );
});

it("moves only what a member that joins or leaves makes it move", () => {
  const two = stickyAssignment([{ id: "a", owned: names(7) }, { id: "b", owned: [] }], names(7));
  expect(two.get("a")).toEqual(names(4));
  const three = stickyAssignment([{ id: "a", owned: two.get("a")! }, { id: "b", owned: two.get("b")! }, { id: "c", owned: [] }], names(7));
  expect(sizes(three)).toEqual([3, 2, 2]);
  for (const id of ["a", "b"]) for (const partition of three.get(id)!) expect(two.get(id)).toContain(partition);
  const left = stickyAssignment([{ id: "b", owned: three.get("b")! }, { id: "c", owned: three.get("c")! }], names(7));
  for (const id of ["b", "c"]) expect(left.get(id)).toEqual(expect.arrayContaining([...three.get(id)!]));
});
