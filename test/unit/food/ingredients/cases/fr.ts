import type { LabelCase } from "./label-case.ts";

export const fr: readonly LabelCase[] = [
  {
    about: "sans denies what follows",
    text: "Riz, sel. Sans porc.",
    says: "en:rice; en:salt; en:pork denied",
    recognised: "2/2",
  },
  {
    about: "a negated verb denies the list of its sentence",
    text: "Ne contient pas de porc, de lait et d'alcool. Ingrédients : riz, sel.",
    says: "en:pork denied; en:milk denied; en:alcohol denied; en:rice; en:salt",
    recognised: "2/2",
  },
  {
    about: "an adjective after the code states its origin",
    text: "Farine de blé, émulsifiant : E471 (végétal).",
    says: "en:wheat-flour; en:wheat; en:e471 from plant",
    recognised: "2/2",
  },
  {
    about: "ham of turkey follows with de",
    text: "Jambon de dinde, sel.",
    says: "x:turkey-ham; en:salt",
    recognised: "2/2",
  },
  {
    about: "traces end with the sentence",
    text: "Riz. Peut contenir des traces de lait et de porc. Sel.",
    says: "en:rice; en:milk trace; en:pork trace; en:salt",
    recognised: "2/2",
  },
  {
    about: "spaced dashes separate",
    text: "Porc - sel - eau",
    says: "en:pork; en:salt; en:water",
    recognised: "3/3",
  },
  {
    about: "wine vinegar is no wine",
    text: "Vinaigre de vin, sel.",
    says: "en:wine-vinegar; en:salt",
    recognised: "2/2",
  },
  {
    about: "a word split by a scanner is no wine",
    text: "Baguette Poite vin, sel.",
    says: "en:salt; ?Baguette Poite vin",
    recognised: "1/2",
  },
  {
    about: "an adverb denies no meat",
    text: "Jambon non fumé, lard non salé.",
    says: "en:ham; en:bacon",
    recognised: "2/2",
  },
];
