import type { Grammar } from "./grammar.ts";

/** Portuguese. */
export const pt: Grammar = {
  language: "pt",
  stopWords:
    "o|a|os|as|um|uma|de|do|da|dos|das|d|em|no|na|nos|nas|com|por|para|ao|à|aos|é|são|se|que|este|esta|como|seu|sua|foi|tipo|contém|contêm|contendo|à base de|a base de|a partir de|feito com|obtido de|derivado de|derivados de|proveniente de|em proporção variável|em proporções variáveis|proporção variável|menos de|mínimo|mín|min|total|dos quais|das quais|equivalente a|g|mg|kg|ml",
  of: "de|da|do|das|dos|d",
  and: "e|ou|e/ou|bem como|&",
  without: "sem|zero|nenhum|nenhuma|sem adição de",
  not: "não",
  freeFrom: "não contém|não contêm|isento de|isenta de|isentos de|livre de|livres de|nem",
  absent: "excluído|ausente",
  traces:
    "pode conter|podem conter|poderá conter|pode conter vestígios|pode conter traços|possíveis vestígios|vestígios de|vestígios|traços de|eventuais vestígios|fabricado em|produzido numa fábrica|produzido em uma fábrica|produzido num local|embalado numa fábrica",
  contains: "contém|alérgenos|alergénios|alérgicos|informação sobre alergénios",
  origins: {
    plant:
      "vegetal|vegetais|de origem vegetal|origem vegetal|vegetariano|vegetariana|vegano|vegana|não animal|de plantas|planta|plantas",
    microbial:
      "microbiano|microbiana|microbianos|de origem microbiana|origem microbiana|de fermentação",
    synthetic:
      "sintético|sintética|sintéticos|sintéticas|de origem sintética|artificial|artificiais|de síntese|idêntico ao natural",
    mineral: "de origem mineral|origem mineral",
    bovine: "bovino|bovina|bovinos|de origem bovina|vaca|vitela",
    sheep: "ovino|ovina",
    poultry: "avícola|de aves|aves",
    animal: "animal|animais|de origem animal|origem animal",
  },
  halal: "halal|certificado halal",
  notHalal: "não halal|haram",
  places: "origem|país de origem|proveniência",
  alcoholFree: ["des"],
  headings: "ingredientes|ingrediente|lista de ingredientes|composição",
  abbreviations: "ex|p.ex|aprox|mín|min|máx|max|vit|etc|n|vol",
  headFirst: true,
  stem: (word) =>
    word.length < 5
      ? word
      : word
          .replace(/oes$/, "ao")
          .replace(/ais$/, "al")
          .replace(/(?<=[rsz])es$|s$/, "")
          .replace(/[ao]$/, ""),
};
