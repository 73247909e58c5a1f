import { matchKey } from "../fields.ts";

/**
 * The words of labels about halal, by what they do; of any language, because a label rarely says its own.
 * A label counts only if every word of it is here: what is not understood says nothing.
 */
const HALAL =
  "halal hallal halaal helal halalan halalen халяль халал ฮาลาล חלאל حلال الحلال হালাল 清真 ハラル ハラール 할랄";
/** Endings and beginnings that deny within one word. */
const NOT_HALAL =
  "nonhalal unhalal nothalal nichthalal halalfree halalfrei halalvrij haram 非清真 нехаляль нехалял নাহালাল";
const NEGATION =
  "not non no nao nicht kein keine pas ne niet geen nie не нет inte icke ikke ei nem nu tidak bukan tak degil olmayan uygun-degil ليس ليست لا غير نیست نہیں غیر না নয় 不 非 unsuitable unfit forbidden prohibited without sin sans senza sem ohne zonder uden utan bez без tanpa free frei vrij";
/** With a negation right before it, a certificate is denied and not halal itself. */
const CERTIFIED =
  "certified certificate certification certifie certifiee certifies certifiees certificado certificada certificato certificata certificacion certificazione zertifiziert zertifikat gecertificeerd certyfikat certyfikowany сертифицировано сертифицирован сертификат sertifikali sertifika belgeli bersertifikat bersertifikasi sertifikat tersertifikasi disahkan معتمد معتمدة شهادة مصدق گواهی تصدیق شدہ approved verified verifie controle controlled kontrolliert geprueft uncertified";
const FILLING =
  "food foods meat product products quality label logo standard standards 100 is are for suitable and by the of a la le les de du des der die das el il lo van et und y e slaughtered slaughter slaughtering ritual consumption muslim muslims requirements meet meets does do according to in with from sous viande viandes produit produits abattage rituel rituelle pour musulmans fleisch geschlachtet produkt produkte carne carnes producto productos alimentos alimento prodotto prodotti cibo vlees voedsel produto produtos mieso produkty мясо продукт продукты питание gida urun urunu et makanan produk daging logo لحم لحوم منتج منتجات طعام غذاء ذبح گوشت محصول غذا খাবার পণ্য authority monitoring committee council europe foundation institute islamic federation board services service trust centre center india ltd italia polska france malaysia indonesia turkiye reunion commission surveillance world union majelis ulama mui lppom jakim hfa hfce hmc avs ifanca argml mosquee grande lyon paris mosque";

const setOf = (words: string) => new Set(words.split(/\s+/).map(matchKey));
const HALAL_WORDS = setOf(HALAL);
const NOT_HALAL_WORDS = setOf(NOT_HALAL);
const NEGATION_WORDS = setOf(NEGATION);
const CERTIFIED_WORDS = setOf(CERTIFIED);
const FILLING_WORDS = setOf(FILLING);

/** A label's statement about halal; null without one that is understood. */
export type LabelSays = "halal" | "not_halal" | null;

/** Reads one label: a tag such as `id:tidak-halal`, or words such as "Not halal". */
export function readHalalLabel(label: string): LabelSays {
  const words = matchKey(label.replace(/^[a-z]{2,3}:/, "")).split(" ");
  let isAbout = false;
  let isNegated = false;
  for (const [index, word] of words.entries()) {
    if (NOT_HALAL_WORDS.has(word)) {
      isAbout = true;
      isNegated = true;
    } else if (HALAL_WORDS.has(word)) {
      isAbout = true;
    } else if (NEGATION_WORDS.has(word)) {
      if (CERTIFIED_WORDS.has(words[index + 1] ?? "")) return null;
      isNegated = true;
    } else if (word === "uncertified" || !(CERTIFIED_WORDS.has(word) || FILLING_WORDS.has(word))) {
      return null;
    }
  }
  if (!isAbout) return null;
  return isNegated ? "not_halal" : "halal";
}
