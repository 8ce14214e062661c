import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { starSchemaPicture } from "./star-schema-picture.js";
import { starSchema } from "./warehouse.js";

it("the picture in the docs is that of the models; `npm run picture -w examples/music-events` draws it anew", () => {
  const drawn = readFileSync(new URL("../../../../docs/images/star-schema.svg", import.meta.url), "utf8");
  expect(drawn).toBe(starSchemaPicture(starSchema));
});
