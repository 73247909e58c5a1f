import type { LabelCase } from "./label-case.ts";

export const it: readonly LabelCase[] = [
  {
    about: "non contiene denies the sentence",
    text: "Riso, sale. Non contiene carne di maiale.",
    says: "en:rice; en:salt; en:pork-meat denied",
    recognised: "2/2",
  },
  {
    about: "può contenere opens traces",
    text: "Riso. Può contenere tracce di latte e maiale.",
    says: "en:rice; en:milk trace; en:pork trace",
    recognised: "1/1",
  },
  {
    about: "the origin follows",
    text: "Emulsionante: E471 (vegetale), sale.",
    says: "en:e471 from plant; en:salt",
    recognised: "2/2",
  },
  {
    about: "and is no E of a code",
    text: "Farina di frumento e 120 g di zucchero.",
    says: "en:wheat-flour; en:sugar",
    recognised: "1/1",
  },
  {
    about: "ham of turkey follows with di",
    text: "Prosciutto di tacchino, sale.",
    says: "x:turkey-ham; en:salt",
    recognised: "2/2",
  },
  {
    about: "an adverb denies no meat",
    text: "Pancetta non affumicata, sale.",
    says: "en:bacon; en:salt",
    recognised: "2/2",
  },
];
