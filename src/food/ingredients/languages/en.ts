import { type Grammar, endingCutter } from "./grammar.ts";

const plural = endingCutter("ies|es|s", 4);

/** English. */
export const en: Grammar = {
  language: "en",
  stopWords:
    "the|a|an|of|in|on|at|to|from|with|by|for|as|is|are|it|its|this|that|these|which|has|have|been|was|be|our|we|your|or less|or less of|or more|of the|contains|contain|containing|contains one or more of|contains one or more of the following|one or more of|one or more of the following|contains 2% or less of|less than|less than 2% of|contains less than 2% of|2% or less of|each of|each of the following|the following|made from|made with|made using|made of|derived from|obtained from|used as|used for|added|added to|added for|including|includes|such as|eg|ie|min|minimum|at least|total|approx|from which|of which|in variable proportions|in varying proportions|variable proportions|to preserve freshness|to protect flavor|to protect quality|to maintain freshness|to prevent caking|for freshness|for color|for colour|for flavor|as preservative|as a preservative|a preservative|added as a preservative|source of|type|per|g|mg|kg|ml",
  of: "of|from",
  and: "and|or|and/or|&|plus|as well as",
  without: "without|no|zero|without any|no added|without added",
  not: "not|non|un",
  freeFrom:
    "free from|free of|does not contain|do not contain|contains no|contain no|doesn't contain|contains neither|without any|no traces of|contains zero of",
  absent: "free|less|excluded|not included|not added|not present|not used|is not used",
  absentEndings: ["free"],
  traces:
    "may contain|may also contain|might contain|may contain traces of|can contain traces|could contain|may be present|traces of|trace of|possible traces|produced in a facility|produced in a factory|made in a factory|made in a facility|made on a line|made on equipment|manufactured in a facility|manufactured in a factory|manufactured on equipment|manufactured on shared equipment|processed in a facility|processed in a plant|processed on equipment|packed in a facility|packaged in a facility|packaged in a factory|made on shared equipment|produced on equipment|produced on shared equipment|produced on a line|produced in a plant|produced in an environment|factory also handles|not suitable for|unsuitable for|cannot guarantee|packed in a factory|packed in an environment|made in a kitchen|due to manufacturing methods|this product is made in|shared equipment",
  contains:
    "contains|contain|allergens|allergen information|allergy advice|allergen advice|allergy information|allergens contains",
  origins: {
    plant:
      "vegetable origin|of vegetable origin|from vegetable origin|vegetable source|vegetable based|vegetable|plant origin|of plant origin|plant based|from plants|plant derived|plant source|vegetarian|vegan|veggie|not animal|non animal|from vegetables|vegetable derived|meat free|meatless",
    microbial:
      "microbial|microbial origin|of microbial origin|fermentation|from fermentation|fungal|bacterial|non animal rennet",
    synthetic:
      "synthetic|synthetically produced|nature identical|artificial|artificially produced|synthesised|synthesized|synthetic origin",
    mineral: "mineral origin|of mineral origin",
    fish: "of fish origin|fish origin|fish based|piscine",
    bovine: "bovine|bovine origin|of bovine origin|from cows|cattle",
    sheep: "ovine|ovine origin",
    poultry: "poultry origin|avian",
    animal: "animal|animal origin|of animal origin|animal derived|from animals",
    milk: "from milk|dairy origin",
  },
  halal: "halal|halaal|halal certified|certified halal|zabiha|halal slaughtered",
  notHalal:
    "not halal|non halal|haram|not suitable for halal|unsuitable for halal|not suitable for muslims",
  places: "origin|country of origin|product of|produce of|made in|origins",
  alcoholFree: ["de", "un"],
  headings:
    "ingredients|ingredient|ingredients list|list of ingredients|ingredient list|composition",
  abbreviations:
    "e.g|i.e|approx|min|max|incl|no|vol|wt|vit|spp|sp|var|etc|conc|st|dr|mr|co|ltd|inc|u.s|fl|oz",
  stem: (word) => {
    if (word.endsWith("ies") && word.length > 6) return `${word.slice(0, -3)}y`;
    if (/(?:ss|us|is|as)$/.test(word)) return word;
    return /(?:sh|ch|x|z|o|ss)es$/.test(word)
      ? plural(word)
      : word.length > 4 && word.endsWith("s")
        ? word.slice(0, -1)
        : word;
  },
};
