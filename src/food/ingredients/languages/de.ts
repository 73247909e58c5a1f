import { type Grammar, endingCutter } from "./grammar.ts";

/** German. */
export const de: Grammar = {
  language: "de",
  stopWords:
    "der|die|das|den|dem|des|ein|eine|einer|eines|einem|einen|von|vom|aus|mit|in|im|ins|am|an|auf|zu|zum|zur|für|als|bei|ist|sind|wird|werden|wurde|es|dieses|diese|dieser|davon|daraus|darin|unter|nach|über|je|pro|ca|etwa|mind|mindestens|enthält|enthalten|unter verwendung von|hergestellt aus|gewonnen aus|auf basis von|in veränderlichen gewichtsanteilen|in veränderlichen anteilen|zu gleichen teilen|in unterschiedlichen gewichtsanteilen|mit zusatz von|zugesetzt|gesamt|insgesamt|anteil|gehalt|weniger als|sowie auch|g|mg|kg|ml",
  of: "von|vom|aus",
  and: "und|oder|sowie|und/oder|u|bzw|&",
  without: "ohne|kein|keine|keinen|keiner|null|ohne zugesetzte|ohne zugesetzten|ohne zusatz",
  not: "nicht",
  freeFrom:
    "frei von|enthält kein|enthält keine|enthält keinen|enthält weder|enthalten keine|ohne zusatz von|ohne zugabe von|garantiert ohne|noch",
  absent: "frei|los|nicht enthalten|ausgeschlossen",
  absentEndings: ["frei", "freie", "freies", "freier", "freien"],
  traces:
    "kann spuren|kann spuren von|kann|kann enthalten|können spuren|könnte spuren|spuren von|spuren|mögliche spuren|hergestellt in einem betrieb|in einem betrieb hergestellt|im betrieb|produkt kann",
  tracesAfter: "enthalten kann|spuren enthalten",
  contains: "enthält|allergene|allergenhinweis|allergiehinweis|enthaltene allergene",
  origins: {
    plant:
      "pflanzlich|pflanzliche|pflanzlichen|pflanzlicher|pflanzliches|pflanzlichen ursprungs|pflanzlicher herkunft|rein pflanzlich|pflanzen|pflanze|vegetarisch|vegetarische|vegetarischer|vegetarisches|vegan|vegane|veganer|veganes|nicht tierisch|nicht tierischen ursprungs",
    microbial:
      "mikrobiell|mikrobielle|mikrobieller|mikrobielles|mikrobiellen|mikrobiellen ursprungs|mikrobieller herkunft|mikroben",
    synthetic:
      "synthetisch|synthetische|synthetischer|synthetisches|synthetischen ursprungs|künstlich|künstliche|künstlicher|künstliches|künstlichen",
    mineral: "mineralischen ursprungs|mineralisch",
    fish: "vom fisch|aus fisch|fischen",
    bovine: "vom rind|rinder|rindern|bovin|boviner herkunft",
    sheep: "vom schaf|schafs",
    poultry: "vom geflügel|vom huhn|von der pute|puten|hähnchen|hühner",
    animal:
      "tierisch|tierische|tierischer|tierisches|tierischen|tierischen ursprungs|tierischer herkunft",
  },
  halal: "halal|halāl|halal zertifiziert|helal|halal geschlachtet",
  notHalal: "nicht halal|nicht für halal|haram",
  places: "ursprung|herkunft|ursprungsland|herkunftsland",
  alcoholFree: ["ent"],
  headings: "zutaten|zutat|zutatenliste|zutatenverzeichnis|zusammensetzung",
  abbreviations: "z.b|ca|mind|max|i.tr|fett i.tr|inkl|bzw|u.a|d.h|evtl|ggf|nr|vol|usw|s|st|str",
  hasCompounds: true,
  stem: endingCutter("en|er|es|em|n|e|s", 4),
};
