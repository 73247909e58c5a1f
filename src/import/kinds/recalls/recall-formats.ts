import { both, type FormatsBySyntax, table } from "../../format-parts.ts";
import type { Format } from "../../kind.ts";
import { OPEN_FDA, OWN_FILES, RAPPEL_CONSO } from "../../write/data-sources.ts";
import { createOpenFdaConverter } from "./openfda.ts";
import { createOwnRecallConverter } from "./own-recalls.ts";
import { createRappelConsoConverter } from "./rappel-conso.ts";
import { RECALL_TARGET } from "./target.ts";

type RecallFormat = Omit<Format, "read" | "positionUnit">;

const OPEN_FDA_FORMAT: RecallFormat = {
  name: "openFDA food enforcement reports",
  defaultSource: OPEN_FDA,
  target: RECALL_TARGET,
  createConverter: createOpenFdaConverter,
};
const RAPPEL_CONSO_FORMAT: RecallFormat = {
  name: "RappelConso",
  defaultSource: RAPPEL_CONSO,
  target: RECALL_TARGET,
  createConverter: createRappelConsoConverter,
};
const OWN_FORMAT: RecallFormat = {
  name: "JSON or CSV with our columns, RappelConso's or openFDA's",
  defaultSource: OWN_FILES,
  target: RECALL_TARGET,
  createConverter: createOwnRecallConverter,
};

/** The formats of a file of recalls: what its beginning calls their numbers tells whose they are. */
export function recallFormats(head: string): FormatsBySyntax {
  let format = OWN_FORMAT;
  if (/recall_number/i.test(head)) format = OPEN_FDA_FORMAT;
  else if (/num[eé]ro[ _]?fiche|r[eé]f[eé]rence[ _]?fiche/i.test(head))
    format = RAPPEL_CONSO_FORMAT;
  return { ...both(format), tabs: table(format), commas: table(format) };
}
