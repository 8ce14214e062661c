// Writes docker/config: `npm run docker:config`.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { root } from "../packages.mjs";
import { configFiles } from "./config-files.js";

const folder = path.join(root, "docker", "config");
rmSync(folder, { recursive: true, force: true });
for (const [name, text] of Object.entries(configFiles())) {
  const file = path.join(folder, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
}
