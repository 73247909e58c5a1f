import type { LabelCase } from "./label-case.ts";

export const pt: readonly LabelCase[] = [
  {
    about: "sem denies what follows",
    text: "Arroz, sal. Sem porco.",
    says: "en:rice; en:salt; en:pork denied",
    recognised: "2/2",
  },
  {
    about: "pode conter opens traces",
    text: "Arroz. Pode conter vestígios de leite e porco.",
    says: "en:rice; en:milk trace; en:pork trace",
    recognised: "1/1",
  },
  {
    about: "the origin follows",
    text: "Emulsionante (E471, vegetal), sal.",
    says: "en:e471 from plant; en:salt",
    recognised: "2/2",
  },
  {
    about: "lard is named whole",
    text: "Farinha de trigo, banha de porco, sal.",
    says: "en:wheat-flour; en:wheat; en:lard; en:salt",
    recognised: "3/3",
  },
];
