import type { LabelCase } from "./label-case.ts";

export const es: readonly LabelCase[] = [
  {
    about: "sin denies what follows",
    text: "Arroz, sal. Sin cerdo.",
    says: "en:rice; en:salt; en:pork denied",
    recognised: "2/2",
  },
  {
    about: "ham of turkey follows with de",
    text: "Jamón de pavo, sal.",
    says: "x:turkey-ham; en:salt",
    recognised: "2/2",
  },
  {
    about: "trazas last until the end of the sentence",
    text: "Arroz. Puede contener trazas de leche y cerdo.",
    says: "en:rice; en:milk trace; en:pork trace",
    recognised: "1/1",
  },
  {
    about: "an article is no word of another language",
    text: "Agua, arroz, la leche.",
    says: "en:water; en:rice; en:milk",
    recognised: "3/3",
  },
  {
    about: "the origin follows",
    text: "Emulgente (E471, vegetal), sal.",
    says: "en:e471 from plant; en:salt",
    recognised: "2/2",
  },
];
