import type { additiveRulings, additives } from "../../db/tables/additives.ts";
import type { AdditiveOrigin, HalalStatus } from "../../db/tables/vocabulary.ts";
import { RULINGS, STATUS_SOURCE } from "./additive-rules.ts";
import { RULES_AR, SCHOOL_RULES_AR } from "./rule-texts/ar.ts";
import { type Rule, RULES, SCHOOL_RULES } from "./rule-texts/en.ts";
import { RULES_FR, SCHOOL_RULES_FR } from "./rule-texts/fr.ts";

/** A row for `additives` with every column that the demo data sets. */
export type DemoAdditive = Required<Omit<typeof additives.$inferInsert, "createdAt" | "updatedAt">>;

/** A row for `additive_rulings`. */
export type DemoRuling = Required<typeof additiveRulings.$inferInsert>;

const DIETS = {
  vegan: { vegan: "yes", vegetarian: "yes" },
  vegetarian: { vegan: "no", vegetarian: "yes" },
  neither: { vegan: "no", vegetarian: "no" },
  depends: { vegan: "maybe", vegetarian: "maybe" },
} as const;

type Diet = keyof typeof DIETS;

type Entry = readonly [
  code: string,
  en: string,
  fr: string,
  ar: string,
  category: string,
  origin: AdditiveOrigin,
  status: HalalStatus,
  diet: Diet,
  rule: Rule,
];

// A table: one entry a line.
// oxfmt-ignore
const ENTRIES: readonly Entry[] = [
  ["E100", "Curcumin", "Curcumine", "كركمين", "colour", "plant", "halal", "vegan", "plant"],
  ["E101", "Riboflavin", "Riboflavine", "ريبوفلافين", "colour", "synthetic", "halal", "vegan", "fermented"],
  ["E102", "Tartrazine", "Tartrazine", "تارترازين", "colour", "synthetic", "halal", "vegan", "synthetic"],
  ["E110", "Sunset Yellow FCF", "Jaune orangé S", "أصفر الغروب", "colour", "synthetic", "halal", "vegan", "synthetic"],
  ["E120", "Carmine", "Carmin (cochenille)", "قرمز", "colour", "insect", "doubtful", "neither", "insect"],
  ["E124", "Ponceau 4R", "Ponceau 4R", "بونسو 4R", "colour", "synthetic", "halal", "vegan", "synthetic"],
  ["E129", "Allura Red AC", "Rouge allura AC", "أحمر ألورا", "colour", "synthetic", "halal", "vegan", "synthetic"],
  ["E133", "Brilliant Blue FCF", "Bleu brillant FCF", "أزرق لامع", "colour", "synthetic", "halal", "vegan", "synthetic"],
  ["E140", "Chlorophylls", "Chlorophylles", "كلوروفيل", "colour", "plant", "halal", "vegan", "plant"],
  ["E150a", "Plain caramel", "Caramel ordinaire", "كراميل عادي", "colour", "plant", "halal", "vegan", "plant"],
  ["E150d", "Sulphite ammonia caramel", "Caramel au sulfite d'ammonium", "كراميل كبريتيت الأمونيوم", "colour", "plant", "halal", "vegan", "plant"],
  ["E153", "Vegetable carbon", "Charbon végétal", "كربون نباتي", "colour", "plant", "halal", "vegan", "plant"],
  ["E160a", "Carotenes", "Carotènes", "كاروتينات", "colour", "mixed", "halal", "depends", "carrier"],
  ["E160c", "Paprika extract", "Extrait de paprika", "مستخلص البابريكا", "colour", "plant", "halal", "vegan", "plant"],
  ["E162", "Beetroot red", "Rouge de betterave", "أحمر الشمندر", "colour", "plant", "halal", "vegan", "plant"],
  ["E163", "Anthocyanins", "Anthocyanes", "أنثوسيانين", "colour", "plant", "halal", "vegan", "plant"],
  ["E170", "Calcium carbonate", "Carbonate de calcium", "كربونات الكالسيوم", "colour", "mineral", "halal", "vegan", "mineral"],
  ["E171", "Titanium dioxide", "Dioxyde de titane", "ثاني أكسيد التيتانيوم", "colour", "mineral", "halal", "vegan", "mineral"],
  ["E200", "Sorbic acid", "Acide sorbique", "حمض السوربيك", "preservative", "synthetic", "halal", "vegan", "synthetic"],
  ["E202", "Potassium sorbate", "Sorbate de potassium", "سوربات البوتاسيوم", "preservative", "synthetic", "halal", "vegan", "synthetic"],
  ["E211", "Sodium benzoate", "Benzoate de sodium", "بنزوات الصوديوم", "preservative", "synthetic", "halal", "vegan", "synthetic"],
  ["E220", "Sulphur dioxide", "Dioxyde de soufre", "ثاني أكسيد الكبريت", "preservative", "mineral", "halal", "vegan", "mineral"],
  ["E250", "Sodium nitrite", "Nitrite de sodium", "نتريت الصوديوم", "preservative", "mineral", "halal", "vegan", "mineral"],
  ["E260", "Acetic acid", "Acide acétique", "حمض الخليك", "acidity regulator", "mixed", "halal", "vegan", "vinegar"],
  ["E270", "Lactic acid", "Acide lactique", "حمض اللاكتيك", "acidity regulator", "plant", "halal", "vegan", "fermented"],
  ["E300", "Ascorbic acid", "Acide ascorbique", "حمض الأسكوربيك", "antioxidant", "synthetic", "halal", "vegan", "fermented"],
  ["E306", "Tocopherol-rich extract", "Extrait riche en tocophérols", "مستخلص غني بالتوكوفيرول", "antioxidant", "plant", "halal", "vegan", "plant"],
  ["E322", "Lecithins", "Lécithines", "ليسيثين", "emulsifier", "mixed", "halal", "depends", "lecithin"],
  ["E330", "Citric acid", "Acide citrique", "حمض الستريك", "acidity regulator", "plant", "halal", "vegan", "fermented"],
  ["E334", "Tartaric acid", "Acide tartrique", "حمض الطرطريك", "acidity regulator", "plant", "halal", "vegan", "wine"],
  ["E338", "Phosphoric acid", "Acide phosphorique", "حمض الفوسفوريك", "acidity regulator", "mineral", "halal", "vegan", "mineral"],
  ["E401", "Sodium alginate", "Alginate de sodium", "ألجينات الصوديوم", "thickener", "plant", "halal", "vegan", "plant"],
  ["E406", "Agar", "Agar-agar", "أجار", "gelling agent", "plant", "halal", "vegan", "plant"],
  ["E407", "Carrageenan", "Carraghénanes", "كاراجينان", "gelling agent", "plant", "halal", "vegan", "plant"],
  ["E410", "Locust bean gum", "Farine de graines de caroube", "صمغ الخروب", "thickener", "plant", "halal", "vegan", "plant"],
  ["E412", "Guar gum", "Gomme de guar", "صمغ الغوار", "thickener", "plant", "halal", "vegan", "plant"],
  ["E414", "Gum arabic", "Gomme arabique", "صمغ عربي", "thickener", "plant", "halal", "vegan", "plant"],
  ["E415", "Xanthan gum", "Gomme xanthane", "صمغ الزانثان", "thickener", "plant", "halal", "vegan", "fermented"],
  ["E420", "Sorbitol", "Sorbitol", "سوربيتول", "sweetener", "plant", "halal", "vegan", "plant"],
  ["E422", "Glycerol", "Glycérol", "جليسرول", "humectant", "mixed", "doubtful", "depends", "fat"],
  ["E440", "Pectins", "Pectines", "بكتين", "gelling agent", "plant", "halal", "vegan", "plant"],
  ["E441", "Gelatine", "Gélatine", "جيلاتين", "gelling agent", "animal", "doubtful", "neither", "gelatine"],
  ["E450", "Diphosphates", "Diphosphates", "ثنائي الفوسفات", "raising agent", "mineral", "halal", "vegan", "mineral"],
  ["E460", "Cellulose", "Cellulose", "سليلوز", "thickener", "plant", "halal", "vegan", "plant"],
  ["E470a", "Salts of fatty acids", "Sels d'acides gras", "أملاح الأحماض الدهنية", "emulsifier", "mixed", "doubtful", "depends", "fat"],
  ["E471", "Mono- and diglycerides of fatty acids", "Mono- et diglycérides d'acides gras", "أحادي وثنائي غليسريد الأحماض الدهنية", "emulsifier", "mixed", "doubtful", "depends", "fat"],
  ["E472a", "Acetic acid esters of mono- and diglycerides", "Esters acétiques des mono- et diglycérides", "إسترات حمض الخليك", "emulsifier", "mixed", "doubtful", "depends", "fat"],
  ["E472e", "Diacetyl tartaric acid esters (DATEM)", "Esters diacétyltartriques", "إسترات حمض الطرطريك ثنائي الأسيتيل", "emulsifier", "mixed", "doubtful", "depends", "fat"],
  ["E473", "Sucrose esters of fatty acids", "Sucroesters d'acides gras", "إسترات السكروز", "emulsifier", "mixed", "doubtful", "depends", "fat"],
  ["E475", "Polyglycerol esters of fatty acids", "Esters polyglycériques d'acides gras", "إسترات متعدد الغليسرول", "emulsifier", "mixed", "doubtful", "depends", "fat"],
  ["E476", "Polyglycerol polyricinoleate", "Polyricinoléate de polyglycérol", "متعدد ريسينولات متعدد الغليسرول", "emulsifier", "mixed", "doubtful", "depends", "fat"],
  ["E481", "Sodium stearoyl lactylate", "Stéaroyl-lactylate de sodium", "ستيارويل لاكتيلات الصوديوم", "emulsifier", "mixed", "doubtful", "depends", "fat"],
  ["E491", "Sorbitan monostearate", "Monostéarate de sorbitane", "أحادي ستيارات السوربيتان", "emulsifier", "mixed", "doubtful", "depends", "fat"],
  ["E500", "Sodium carbonates", "Carbonates de sodium", "كربونات الصوديوم", "raising agent", "mineral", "halal", "vegan", "mineral"],
  ["E503", "Ammonium carbonates", "Carbonates d'ammonium", "كربونات الأمونيوم", "raising agent", "mineral", "halal", "vegan", "mineral"],
  ["E542", "Bone phosphate", "Phosphate d'os", "فوسفات العظام", "anti-caking agent", "animal", "doubtful", "neither", "bone"],
  ["E551", "Silicon dioxide", "Dioxyde de silicium", "ثاني أكسيد السيليكون", "anti-caking agent", "mineral", "halal", "vegan", "mineral"],
  ["E570", "Fatty acids", "Acides gras", "أحماض دهنية", "emulsifier", "mixed", "doubtful", "depends", "fat"],
  ["E621", "Monosodium glutamate", "Glutamate monosodique", "غلوتامات أحادية الصوديوم", "flavour enhancer", "plant", "halal", "vegan", "fermented"],
  ["E627", "Disodium guanylate", "Guanylate disodique", "غوانيلات ثنائية الصوديوم", "flavour enhancer", "mixed", "doubtful", "depends", "nucleotide"],
  ["E631", "Disodium inosinate", "Inosinate disodique", "إينوزينات ثنائية الصوديوم", "flavour enhancer", "mixed", "doubtful", "depends", "nucleotide"],
  ["E640", "Glycine", "Glycine", "غليسين", "flavour enhancer", "mixed", "doubtful", "depends", "amino"],
  ["E901", "Beeswax", "Cire d'abeille", "شمع العسل", "glazing agent", "insect", "halal", "vegetarian", "bee"],
  ["E903", "Carnauba wax", "Cire de carnauba", "شمع الكرنوبا", "glazing agent", "plant", "halal", "vegan", "plant"],
  ["E904", "Shellac", "Gomme-laque", "شيلاك", "glazing agent", "insect", "halal", "vegetarian", "shellac"],
  ["E920", "L-Cysteine", "L-cystéine", "سيستئين", "flour treatment agent", "mixed", "doubtful", "depends", "amino"],
  ["E951", "Aspartame", "Aspartame", "أسبارتام", "sweetener", "synthetic", "halal", "vegan", "synthetic"],
  ["E960", "Steviol glycosides", "Glycosides de stéviol", "غليكوسيدات الستيفيول", "sweetener", "plant", "halal", "vegan", "plant"],
  ["E1105", "Lysozyme", "Lysozyme", "ليزوزيم", "preservative", "animal", "halal", "vegetarian", "egg"],
  ["E1510", "Ethanol", "Éthanol", "إيثانول", "carrier", "plant", "doubtful", "vegan", "alcohol"],
];

/**
 * Well-known food additives. Names are facts; statuses are general rules for demonstration, not fatwas.
 * Source: functional classes as in Regulation (EC) No 1333/2008 and Codex CXG 36-1989.
 */
export const DEMO_ADDITIVES: readonly DemoAdditive[] = ENTRIES.map(
  ([code, nameEn, nameFr, nameAr, category, origin, halalStatus, diet, rule]) => ({
    code,
    nameEn,
    nameFr,
    nameAr,
    category,
    origin,
    halalStatus,
    explanation: RULES[rule],
    explanationLanguage: "en",
    explanationTexts: { fr: RULES_FR[rule], ar: RULES_AR[rule] },
    statusSource: STATUS_SOURCE,
    statusLocked: false,
    vegan: DIETS[diet].vegan,
    vegetarian: DIETS[diet].vegetarian,
    parents: [],
    source: "demo",
  }),
);

/** The statements generally reported of the schools of law where they differ: for demonstration, not fatwas. */
export const DEMO_RULINGS: readonly DemoRuling[] = RULINGS.map(
  ([additiveCode, madhab, halalStatus, rule]) => ({
    additiveCode,
    madhab,
    halalStatus,
    explanation: SCHOOL_RULES[rule],
    explanationLanguage: "en",
    explanationTexts: { fr: SCHOOL_RULES_FR[rule], ar: SCHOOL_RULES_AR[rule] },
    source: STATUS_SOURCE,
  }),
);
