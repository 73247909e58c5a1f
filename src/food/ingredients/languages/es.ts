import type { Grammar } from "./grammar.ts";

/** Spanish. */
export const es: Grammar = {
  language: "es",
  stopWords:
    "el|la|los|las|lo|un|una|unos|unas|de|del|al|a|en|con|por|para|es|son|se|su|sus|que|este|esta|estos|como|ha|han|más|nuestro|tipo|contiene|contienen|contenido|a base de|a partir de|elaborado con|elaborado a partir de|procedente de|obtenido de|obtenida de|derivado de|derivados de|en proporción variable|en proporciones variables|proporción variable|menos de|mínimo|mín|min|total|de los cuales|de las cuales|equivalente a|no menos de|cont|g|mg|kg|ml",
  of: "de|del|de la",
  and: "y|e|o|u|y/o|así como|&",
  without: "sin|cero|ningún|ninguna|sin ningún",
  not: "no",
  freeFrom:
    "no contiene|no contienen|libre de|libres de|exento de|exenta de|exentos de|sin adición de|sin añadir|sin trazas de|ni",
  absent: "excluido|excluida|no incluido",
  traces:
    "puede contener|pueden contener|podría contener|puede contener trazas|puede contener trazas de|posibles trazas|trazas de|trazas|traza|elaborado en una planta|elaborado en una fábrica|elaborado en un obrador|fabricado en una planta|producido en una planta|elaborado en instalaciones|fabricado en instalaciones|en una fábrica donde|posible presencia",
  contains:
    "contiene|alérgenos|información de alérgenos|informacion sobre alérgenos|información alérgenos",
  origins: {
    plant:
      "vegetal|vegetales|de origen vegetal|origen vegetal|vegetariano|vegetariana|vegano|vegana|no animal|de plantas|planta|plantas",
    microbial:
      "microbiano|microbiana|microbianos|microbianas|de origen microbiano|origen microbiano|de fermentación",
    synthetic:
      "sintético|sintética|sintéticos|sintéticas|de origen sintético|artificial|artificiales|idéntico al natural",
    mineral: "de origen mineral|origen mineral",
    fish: "de origen marino",
    bovine: "bovino|bovina|bovinos|de origen bovino|vacuno|vacuna|de vacuno|de res|res",
    sheep: "ovino|ovina|de origen ovino",
    poultry: "avícola|de ave",
    animal: "animal|animales|de origen animal|origen animal",
  },
  halal: "halal|certificado halal|jalal",
  notHalal: "no halal|no apto para halal|haram",
  places: "origen|país de origen|procedencia",
  alcoholFree: ["des"],
  headings: "ingredientes|ingrediente|lista de ingredientes|composición",
  abbreviations: "p.ej|ej|aprox|mín|min|máx|max|vit|etc|cont|núm|no|ca|vol",
  headFirst: true,
  stem: (word) =>
    word.length < 5
      ? word
      : word
          .replace(/(?:ces$)/, "z")
          .replace(/(?<=[lnrdsz])es$|s$/, "")
          .replace(/[ao]$/, ""),
};
