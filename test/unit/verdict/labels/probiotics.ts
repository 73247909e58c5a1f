import type { PrintedLabel } from "./printed-label.ts";

/** Micro-organisms with the codes of their strains and their trade names. */
export const probiotics: readonly PrintedLabel[] = [
  { language: "en", list: "Milk, sugar, Lactobacillus rhamnosus GG, BB-12.", status: "halal" },
  { language: "en", list: "Tea, Bacillus coagulans GBI-30 6086, honey.", status: "halal" },
  { language: "en", list: "Milk, L. casei Shirota, sugar.", status: "halal" },
  {
    language: "fr",
    list: "Lait, ferments lactiques (L. casei CNCM I-1518), sucre.",
    status: "halal",
  },
  {
    language: "de",
    list: "Milch, Bifidobacterium animalis subsp. lactis BB-12, Zucker.",
    status: "halal",
  },
  { language: "en", list: "Apple juice, GanedenBC30®.", status: "halal" },
  {
    language: "en",
    list: "Oat milk, probiotic cultures (Bifidobacterium lactis HN019, Lactobacillus acidophilus NCFM).",
    status: "halal",
  },
  { language: "es", list: "Leche, Lactobacillus plantarum 299v, azúcar.", status: "halal" },
];
