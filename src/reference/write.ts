import { writeFileSync } from "node:fs";
import { renderReference } from "./render.ts";

/** Writes the reference of the procedures: `openapi.json` and `docs/api.md`. */
for (const { file, text } of renderReference()) {
  writeFileSync(file, text);
  process.stdout.write(`${file}\n`);
}
