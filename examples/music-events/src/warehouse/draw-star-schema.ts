// Draws the picture of the guide from the models as they are: npm run picture -w examples/music-events
import { writeFileSync } from "node:fs";
import { starSchemaPicture } from "./star-schema-picture.js";
import { starSchema } from "./warehouse.js";

writeFileSync(new URL("../../../../docs/images/star-schema.svg", import.meta.url), starSchemaPicture(starSchema));
