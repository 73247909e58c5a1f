import type { Grammar } from "./languages/grammar.ts";
import { ar } from "./languages/ar.ts";
import { bn } from "./languages/bn.ts";
import { de } from "./languages/de.ts";
import { en } from "./languages/en.ts";
import { es } from "./languages/es.ts";
import { fa } from "./languages/fa.ts";
import { fr } from "./languages/fr.ts";
import { id } from "./languages/id.ts";
import { it } from "./languages/it.ts";
import { ms } from "./languages/ms.ts";
import { nl } from "./languages/nl.ts";
import { otherGrammars } from "./languages/other-neighbours.ts";
import { pl } from "./languages/pl.ts";
import { pt } from "./languages/pt.ts";
import { ru } from "./languages/ru.ts";
import { da, no, sv } from "./languages/scandinavian.ts";
import { slavicGrammars } from "./languages/slavic-neighbours.ts";
import { tr } from "./languages/tr.ts";
import { ur } from "./languages/ur.ts";

/**
 * The grammars of all languages. To add a language, write `languages/<code>.ts`, add its line here and its cases in
 * `test/unit/food/ingredients/cases`; a test fails while either is missing.
 */
export const GRAMMARS: readonly Grammar[] = [
  en,
  fr,
  de,
  es,
  it,
  nl,
  pt,
  pl,
  ru,
  tr,
  ar,
  fa,
  ur,
  id,
  ms,
  bn,
  sv,
  da,
  no,
  ...slavicGrammars,
  ...otherGrammars,
];
