import type { LabelCase } from "./label-case.ts";

export const pl: readonly LabelCase[] = [
  {
    about: "bez denies noun and adjective",
    text: "Cukier. Bez żelatyny wieprzowej.",
    says: "en:sugar; en:pork-gelatin denied",
    recognised: "1/1",
  },
  {
    about: "nie zawiera denies the sentence",
    text: "Ryż, sól. Nie zawiera wieprzowiny.",
    says: "en:rice; en:salt; en:pork denied",
    recognised: "2/2",
  },
  {
    about: "inflected words are found",
    text: "Mąki pszennej, cukru, wody, mleka.",
    says: "en:sugar; en:water; en:milk; ?Mąki pszennej",
    recognised: "3/4",
  },
  {
    about: "może zawierać opens traces",
    text: "Ryż. Może zawierać mleko i wieprzowinę.",
    says: "en:rice; en:milk trace; en:pork trace",
    recognised: "1/1",
  },
  {
    about: "the origin follows",
    text: "Emulgator (E471, roślinny), sól.",
    says: "en:e471 from plant; en:salt",
    recognised: "2/2",
  },
];
