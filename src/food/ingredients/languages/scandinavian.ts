import { type Grammar, endingCutter } from "./grammar.ts";

const stem = endingCutter("erne|arna|orna|ene|er|ar|or|en|et|n|t|e|s", 4);

const origins: Grammar["origins"] = {
  plant:
    "vegetabilsk|vegetabilske|vegetabilisk|vegetabiliskt|vegetabiliska|plantebaseret|plantebasert|växtbaserad|växtbaserat|vegetarisk|vegansk|veganskt|af vegetabilsk oprindelse|vegetabilsk oprindelse|av vegetabiliskt ursprung",
  microbial: "mikrobiel|mikrobiell|mikrobielle|mikrobiellt|mikrobiella",
  synthetic: "syntetisk|syntetiske|syntetiskt|kunstig|kunstige|konstgjord|konstgjort",
  animal: "animalsk|animalske|animalisk|animaliskt|animaliska",
  bovine: "okse|oksekød|storfe|nöt|nötkött",
  poultry: "fjerkræ|fjærfe|fågel|kylling|kyckling|kalkun|kalkon",
  fish: "fra fisk|från fisk",
};

/** Swedish. */
export const sv: Grammar = {
  language: "sv",
  stopWords:
    "av|med|i|på|till|från|för|som|är|den|det|de|en|ett|har|innehåller|minst|högst|varav|ca|framställd av|tillverkad av|g|mg|kg|ml",
  of: "av|från",
  and: "och|eller|samt|och/eller|&",
  without: "utan|inga|ingen|inget|utan tillsatt",
  not: "ej|inte",
  freeFrom:
    "fri från|innehåller inte|innehåller inga|innehåller ingen|innehåller inget|utan tillsats av",
  absent: "fri|fritt|fria",
  absentEndings: ["fri", "fritt", "fria"],
  traces:
    "kan innehålla|kan innehålla spår|kan innehålla spår av|spår av|spår|tillverkad i en fabrik",
  contains: "innehåller|allergener",
  origins,
  halal: "halal",
  notHalal: "inte halal|ej halal|haram",
  headings: "ingredienser|innehåll|innehållsförteckning|ingrediens",
  abbreviations: "bl.a|t.ex|ca|min|max|dvs|inkl|st",
  hasCompounds: true,
  stem,
};

/** Danish. */
export const da: Grammar = {
  language: "da",
  stopWords:
    "af|med|i|på|til|fra|for|som|er|den|det|de|en|et|har|indeholder|mindst|højst|heraf|ca|fremstillet af|lavet af|g|mg|kg|ml",
  of: "af|fra",
  and: "og|eller|samt|og/eller|&",
  without: "uden|ingen|intet|uden tilsat",
  not: "ikke",
  freeFrom: "fri for|indeholder ikke|indeholder ingen|uden tilsætning af|fri fra",
  absent: "fri|frit|frie",
  absentEndings: ["fri", "frit", "frie"],
  traces:
    "kan indeholde|kan indeholde spor|kan indeholde spor af|spor af|spor|fremstillet på en fabrik",
  contains: "indeholder|allergener",
  origins,
  halal: "halal",
  notHalal: "ikke halal|haram",
  headings: "ingredienser|indhold|ingrediens|indholdsstoffer",
  abbreviations: "bl.a|f.eks|ca|min|max|dvs|inkl|stk",
  hasCompounds: true,
  stem,
};

/** Norwegian, whichever code a product gives it. */
export const no: Grammar = {
  language: "no",
  stopWords:
    "av|med|i|på|til|fra|for|som|er|den|det|de|en|et|har|inneholder|minst|høyst|hvorav|ca|laget av|fremstilt av|g|mg|kg|ml",
  of: "av|fra",
  and: "og|eller|samt|og/eller|&",
  without: "uten|ingen|intet|uten tilsatt",
  not: "ikke",
  freeFrom: "fri for|inneholder ikke|inneholder ingen|uten tilsetning av",
  absent: "fri|fritt|frie",
  absentEndings: ["fri", "fritt", "frie"],
  traces:
    "kan inneholde|kan inneholde spor|kan inneholde spor av|spor av|spor|produsert i en fabrikk",
  contains: "inneholder|allergener",
  origins,
  halal: "halal",
  notHalal: "ikke halal|haram",
  headings: "ingredienser|innhold|ingrediens",
  abbreviations: "bl.a|f.eks|ca|min|maks|dvs|inkl|stk",
  hasCompounds: true,
  stem,
};
