import { expect, it } from "vitest";
import { BoundedCache } from "./bounded-cache.js";

it("keeps what was used last within its size, and nothing that would fill it", () => {
  const cache = new BoundedCache<string>(10, (value, key) => value.length + key.length);
  const there = () => ["a", "b", "c", "d"].filter((key) => cache.get(key) !== undefined);
  cache.set("a", "12");
  cache.set("b", "12");
  cache.set("c", "12");
  expect(there()).toEqual(["a", "b", "c"]);
  cache.get("a");
  cache.set("d", "12");
  expect(there()).toEqual(["a", "c", "d"]);
  cache.set("c", "1");
  cache.set("b", "1");
  expect(there()).toEqual(["a", "b", "c", "d"]);
  cache.set("a", "12345");
  expect(there()).toEqual(["b", "c", "d"]);
  expect(new BoundedCache<number>(0, () => 1).get("a")).toBeUndefined();
});
