import type { PrintedLabel } from "./printed-label.ts";

/** Vinegars whose list names the drink that they were made of, and foods that lie in vinegar. */
export const vinegars: readonly PrintedLabel[] = [
  {
    language: "it",
    list: "Vino rosso, conservante: anidride solforosa.",
    status: "doubtful",
    name: "Aceto di vino rosso",
    categories: ["en:vinegars"],
  },
  { language: "en", list: "Cider, sulphites.", status: "halal", name: "Apple cider vinegar" },
  {
    language: "fr",
    list: "Vin, antioxydant: anhydride sulfureux.",
    status: "doubtful",
    name: "Vinaigre de vin rouge",
  },
  {
    language: "de",
    list: "Wein, Antioxidationsmittel: Schwefeldioxid.",
    status: "doubtful",
    name: "Weißweinessig",
  },
  {
    language: "en",
    list: "Onions, wine, salt.",
    status: "haram",
    name: "Onions in vinegar",
    categories: ["en:pickles-in-vinegar"],
  },
  {
    language: "en",
    list: "Gherkins, wine, vinegar, salt.",
    status: "haram",
    name: "Gherkins in vinegar",
  },
  {
    language: "es",
    list: "Vino de Jerez, sulfitos.",
    status: "doubtful",
    name: "Vinagre de Jerez",
  },
  { language: "pl", list: "Alkohol, woda.", status: "halal", name: "Ocet spirytusowy" },
];
