import type { PrintedLabel } from "./printed-label.ts";

/** Drinks that are named after beer and hold no alcohol, and those that hold it. */
export const softDrinks: readonly PrintedLabel[] = [
  {
    language: "en",
    list: "Carbonated water, sugar, root beer flavour, caramel colour E150d.",
    status: "halal",
  },
  { language: "en", list: "Carbonated water, ginger beer extract, citric acid.", status: "halal" },
  {
    language: "en",
    list: "Alcoholic ginger beer (water, sugar, ginger, alcohol), citric acid.",
    status: "haram",
  },
  {
    language: "fr",
    list: "Eau gazéifiée, sucre, bière de gingembre (eau, gingembre), acide citrique.",
    status: "halal",
  },
  {
    language: "de",
    list: "Wasser, Zucker, Ingwerbier (Wasser, Ingwer, Zucker), Zitronensaft.",
    status: "halal",
  },
  {
    language: "es",
    list: "Agua carbonatada, azúcar, cerveza de jengibre, ácido cítrico.",
    status: "halal",
  },
  {
    language: "it",
    list: "Acqua gassata, zucchero, birra allo zenzero, acido citrico.",
    status: "halal",
  },
  { language: "nl", list: "Bruisend water, suiker, gemberbier, citroenzuur.", status: "halal" },
  {
    language: "pt",
    list: "Água gaseificada, açúcar, cerveja de gengibre, ácido cítrico.",
    status: "halal",
  },
  {
    language: "pl",
    list: "Woda gazowana, cukier, piwo imbirowe bezalkoholowe, kwas cytrynowy.",
    status: "halal",
  },
  { language: "ru", list: "Вода, сахар, имбирный эль, лимонная кислота.", status: "halal" },
  { language: "tr", list: "Su, şeker, zencefilli gazoz, sitrik asit.", status: "halal" },
  { language: "tr", list: "Su, şeker, kök birası aroması, sitrik asit.", status: "halal" },
  { language: "ar", list: "ماء، سكر، جعة الزنجبيل، حمض الستريك.", status: "halal" },
  { language: "fa", list: "آب، شکر، آبجوی زنجبیلی، اسید سیتریک.", status: "halal" },
  { language: "ur", list: "پانی، چینی، جنجر بیئر، سٹرک ایسڈ۔", status: "halal" },
  { language: "id", list: "Air, gula, jahe, secang, bir pletok.", status: "halal" },
  { language: "ms", list: "Air, gula, bir halia, asid sitrik.", status: "halal" },
  { language: "bn", list: "পানি, চিনি, জিঞ্জার বিয়ার, সাইট্রিক অ্যাসিড।", status: "halal" },
  { language: "en", status: "unknown", name: "Old Jamaica Ginger Beer" },
  {
    language: "en",
    status: "unknown",
    name: "Root Beer",
    categories: ["en:beverages", "en:root-beers", "en:sodas"],
  },
  { language: "de", status: "unknown", name: "Malzbier alkoholfrei" },
  { language: "fr", status: "unknown", name: "Cidre de pomme sans alcool" },
  { language: "pl", list: "Cydr bezalkoholowy, cukier.", status: "doubtful" },
  { language: "cs", list: "Voda, nealkoholické pivo, cukr.", status: "doubtful" },
  { language: "it", list: "Acqua, sidro analcolico.", status: "doubtful" },
  { language: "fr", list: "Eau, cidre désalcoolisé, sucre.", status: "doubtful" },
  { language: "de", list: "Wasser, alkoholfreier Apfelwein, Zucker.", status: "haram" },
  { language: "en", list: "Water, gin without alcohol, sugar.", status: "doubtful" },
  { language: "en", list: "Water, hard root beer, sugar.", status: "haram" },
];
