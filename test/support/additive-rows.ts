import type { insertAdditives } from "./catalog-rows.ts";

/** Additives of products: one on which schools differ, and one that is halal for everybody. */
export const PRODUCT_ADDITIVES: Parameters<typeof insertAdditives>[1] = [
  {
    code: "E120",
    en: "Carmine",
    halalStatus: "doubtful",
    rulings: [
      { madhab: "hanafi", halalStatus: "haram" },
      { madhab: "maliki", halalStatus: "halal" },
    ],
  },
  { code: "E999", en: "Quillaia", halalStatus: "halal" },
];

/** Additives with names in three languages, sub-codes with and without an entry of their parent, and rulings. */
export const KNOWN_ADDITIVES: Parameters<typeof insertAdditives>[1] = [
  {
    code: "E471",
    en: "Mono- and diglycerides of fatty acids",
    fr: "Mono- et diglycérides d'acides gras",
    ar: "أحادي وثنائي غليسريد الأحماض الدهنية",
    halalStatus: "doubtful",
  },
  {
    code: "E441",
    en: "Gelatine",
    fr: "Gélatine",
    ar: "جيلاتين",
    halalStatus: "doubtful",
    rulings: [
      { madhab: "shafii", halalStatus: "haram" },
      { madhab: "hanafi", halalStatus: "halal" },
    ],
  },
  { code: "E160", en: "Carotenoids", halalStatus: "halal" },
  { code: "E160a", en: "Carotenes", fr: "Carotènes", halalStatus: "halal" },
  { code: "E322", en: "Lecithins", fr: "Lécithines", ar: "ليسيثين", halalStatus: "halal" },
  { code: "E322i", en: "Lecithin", halalStatus: "halal" },
  { code: "E102", en: "Tartrazine", fr: "Tartrazine", ar: "تارترازين", halalStatus: "halal" },
  {
    code: "E334",
    en: "Tartaric acid",
    fr: "Acide tartrique",
    ar: "حمض الطرطريك",
    halalStatus: "halal",
  },
  {
    code: "E450",
    en: "Diphosphates",
    fr: "Diphosphates",
    ar: "ثنائي الفوسفات",
    halalStatus: "halal",
  },
  { code: "E472a", en: "Acetic acid esters", halalStatus: "doubtful" },
];
