import type { PrintedLabel } from "./printed-label.ts";

/** A class word, a comma and the additive. */
export const classWords: readonly PrintedLabel[] = [
  { language: "nl", list: "Suiker, kleurstof, carotenen, zout.", status: "halal" },
  { language: "fr", list: "Sucre, colorant, E120, sel.", status: "doubtful" },
  { language: "de", list: "Zucker, Emulgator, Sojalecithin, Salz.", status: "halal" },
  { language: "de", list: "Zucker, Emulgator, Mono- und Diglyceride, Salz.", status: "doubtful" },
  { language: "en", list: "Sugar, emulsifier, salt.", status: "unknown" },
  {
    language: "en",
    list: "Sugar, colour, curcumin, preservative, potassium sorbate.",
    status: "halal",
  },
  { language: "es", list: "Azúcar, colorante, E-160a, conservante, E202.", status: "halal" },
  { language: "it", list: "Zucchero, emulsionante, lecitina di soia, sale.", status: "halal" },
  { language: "pt", list: "Açúcar, corante, curcumina, sal.", status: "halal" },
  { language: "pl", list: "Cukier, emulgator, lecytyna sojowa, sól.", status: "halal" },
  { language: "ru", list: "Сахар, эмульгатор, соевый лецитин, соль.", status: "halal" },
  { language: "tr", list: "Şeker, emülgatör, soya lesitini, tuz.", status: "halal" },
  { language: "ar", list: "سكر، مستحلب، ليسيثين الصويا، ملح.", status: "halal" },
  { language: "fa", list: "شکر، امولسیفایر، لسیتین سویا، نمک.", status: "halal" },
  { language: "id", list: "Gula, pengemulsi, lesitin kedelai, garam.", status: "halal" },
  { language: "ms", list: "Gula, pengemulsi, lesitin soya, garam.", status: "halal" },
  { language: "bn", list: "চিনি, ইমালসিফায়ার, সয়া লেসিথিন, লবণ।", status: "halal" },
  { language: "ur", list: "چینی، ایملسیفائر، سویا لیسیتھین، نمک۔", status: "halal" },
  {
    language: "en",
    list: "Water, thickener, modified starch, sweetener, sucralose.",
    status: "halal",
  },
  { language: "en", list: "Water, stabiliser, gelatine, sugar.", status: "doubtful" },
  { language: "en", list: "Sugar, colour, sugar, salt.", status: "unknown" },
];
