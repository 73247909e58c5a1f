import type { Grammar } from "./grammar.ts";

/** French. */
export const fr: Grammar = {
  language: "fr",
  stopWords:
    "le|la|les|l|un|une|des|de|du|d|de la|de l|au|aux|à|en|dans|sur|par|pour|avec|est|sont|ce|cette|ces|qui|que|dont|a|ont|été|son|sa|ses|nos|notre|votre|à base de|à base d|issu de|issus de|issue de|issues de|issu|issus|issue|issues|obtenu à partir de|élaboré à partir de|fabriqué à partir de|préparé avec|provenant de|à partir de|contient|contenant|contient de la|contient du|dont|moins de|au moins|minimum|min|environ|total|selon|teneur|teneur totale|teneur en|proportion variable|en proportion variable|en proportions variables|proportions variables|sous forme de|s|n|g|mg|kg|ml|pour 100 g|par kg de",
  of: "de|d|du|des|de la|de l|issu de|issue de|issus de",
  and: "et|ou|et/ou|ainsi que|&",
  without: "sans|pas de|pas d|zéro|aucun|aucune|sans aucun",
  not: "non",
  freeFrom:
    "ne contient pas|ne contient pas de|ne contient pas d|ne contient ni|ne contient aucun|ne contient aucune|exempt de|exempte de|garanti sans|sans ajout de|ni",
  absent: "exclu|exclue|exclus|absent",
  traces:
    "peut contenir|peuvent contenir|pourrait contenir|peut contenir des traces|peut contenir des traces de|traces éventuelles|traces possibles|traces éventuelles de|éventuelles traces|éventuellement|trace de|traces de|traces d|traces|trace|présence éventuelle|présence possible|susceptible de contenir|fabriqué dans un atelier|fabriqué dans une usine|élaboré dans un atelier|conditionné dans un atelier|produit dans un atelier|préparé dans un atelier",
  contains: "contient|allergènes|allergène|information allergènes",
  origins: {
    plant:
      "végétal|végétale|végétaux|végétales|d'origine végétale|origine végétale|végétarien|végétarienne|végane|vegan|non animal|non animale|plante|plantes|de plantes",
    microbial:
      "microbien|microbienne|microbiens|microbiennes|d'origine microbienne|origine microbienne|issu de fermentation|fongique",
    synthetic:
      "synthétique|synthétiques|de synthèse|d'origine synthétique|artificiel|artificielle|artificiels|artificielles",
    mineral: "d'origine minérale|origine minérale",
    fish: "origine marine|origine poisson",
    bovine: "bovin|bovine|bovins|bovines|d'origine bovine|origine bovine",
    sheep: "ovin|ovine|d'origine ovine",
    poultry: "volaille|volailles",
    animal: "animal|animale|animaux|animales|d'origine animale|origine animale",
  },
  halal: "halal|halâl|certifié halal|certifiée halal|hallal",
  notHalal: "non halal|pas halal|haram",
  places: "origine|pays d'origine|origines|provenance",
  alcoholFree: ["des"],
  headings: "ingrédients|ingrédient|liste des ingrédients|liste d'ingrédients|composition",
  abbreviations: "env|min|max|ex|p.ex|vit|no|cf|etc|art|st|kcal|mat|incl",
  headFirst: true,
  stem: (word) => {
    if (word.length < 5) return word;
    if (word.endsWith("aux")) return `${word.slice(0, -3)}al`;
    return /(?:es|s|x)$/.test(word) && !/(?:ss|eux|ous|ois|ais|oix)$/.test(word)
      ? word.replace(/(?:es|s|x)$/, "")
      : word.replace(/e$/, "");
  },
};
