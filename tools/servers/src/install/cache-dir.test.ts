import path from "node:path";
import { expect, it } from "vitest";
import { cacheDir } from "./cache-dir.js";

it("is where the environment says, else in the user's cache directory", () => {
  expect(cacheDir({ MILLRACE_SERVERS_CACHE: "/somewhere/else" })).toBe("/somewhere/else");
  for (const env of [{}, { MILLRACE_SERVERS_CACHE: "" }]) expect(cacheDir(env).split(path.sep).slice(-2)).toEqual(["millrace", "servers"]);
});
