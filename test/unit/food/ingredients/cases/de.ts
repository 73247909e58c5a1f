import type { LabelCase } from "./label-case.ts";

export const de: readonly LabelCase[] = [
  {
    about: "the last part of a compound names the thing",
    text: "Schweinegelatine, Rinderschinken, Weinessig, Kirschwasser.",
    says: "en:pork-gelatin; x:beef-ham; en:wine-vinegar; en:kirsch",
    recognised: "4/4",
  },
  {
    about: "a hyphen ties a compound",
    text: "Rum-Aroma, Soja-Lecithin.",
    says: "en:rum-flavouring; en:soya-lecithin",
    recognised: "2/2",
  },
  {
    about: "the part with a hanging hyphen belongs to the next word",
    text: "Emulgator: Mono- und Diglyceride von Speisefettsäuren, Zucker.",
    says: "en:e471; en:sugar",
    recognised: "2/2",
  },
  {
    about: "an ending denies",
    text: "Alkoholfrei, glutenfrei. Wasser, Zucker.",
    says: "en:alcohol denied; en:gluten denied; en:water; en:sugar",
    recognised: "2/2",
  },
  {
    about: "ohne denies what follows",
    text: "Zucker. Ohne Gelatine.",
    says: "en:sugar; en:e428 denied",
    recognised: "1/1",
  },
  {
    about: "kann Spuren enthalten opens traces",
    text: "Reis. Kann Spuren von Milch und Schweinefleisch enthalten.",
    says: "en:rice; en:milk trace; en:pork-meat trace",
    recognised: "1/1",
  },
  {
    about: "an origin follows as a genitive",
    text: "Emulgator E471 pflanzlichen Ursprungs, Zucker.",
    says: "en:e471 from plant; en:sugar",
    recognised: "2/2",
  },
  {
    about: "an unknown head leaves the word unrecognised",
    text: "Xanderschinken, Salz.",
    says: "en:ham inside; en:salt; ?Xanderschinken",
    recognised: "1/2",
  },
  {
    about: "a percentage stands before what it is of",
    text: "30% Reis, 20% Schinken.",
    says: "en:rice 30%; en:ham 20%",
    recognised: "2/2",
  },
];
