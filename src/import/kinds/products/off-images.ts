import { plainText } from "../fields.ts";
import { isObject } from "../../read/records.ts";

const IMAGES = "https://images.openfoodfacts.org/images/products";
/** Codes are stored with leading zeros up to an EAN-13. */
const CODE_LENGTH = 13;

/**
 * The address of a product's front picture, 400 pixels at most, from what the database export says of its images:
 * by `front_<language>`, or in the newer form by `selected.front.<language>`. Null where there is none.
 * Source: Open Food Facts documentation, "How to download product images".
 */
export function offImageAddress(value: Readonly<Record<string, unknown>>): string | null {
  const code = plainText(value["code"]) ?? "";
  const { images } = value;
  if (!/^\d{1,24}$/.test(code) || !isObject(images)) return null;
  const language = plainText(value["lang"]) ?? plainText(value["lc"]) ?? "en";
  const front = chooseFront(frontsOf(images), language);
  if (front === null) return null;
  const folder = code.padStart(CODE_LENGTH, "0").replace(/^(...)(...)(...)(.*)$/, "$1/$2/$3/$4");
  return `${IMAGES}/${folder}/${front.key}.${front.revision}.400.jpg`;
}

interface Front {
  /** Such as `front_en`. */
  readonly key: string;
  readonly revision: number;
}

function frontsOf(images: Readonly<Record<string, unknown>>): Front[] {
  const { selected } = images;
  const newer = isObject(selected) && isObject(selected["front"]) ? selected["front"] : {};
  const entries = [
    ...Object.entries(newer).map(([language, image]) => [`front_${language}`, image] as const),
    ...Object.entries(images),
  ];
  return entries.flatMap(([key, image]) => {
    const revision = isObject(image) ? Number(plainText(image["rev"]) ?? Number.NaN) : Number.NaN;
    const isFront = /^front(?:_[a-z]{2})?$/.test(key);
    return isFront && Number.isSafeInteger(revision) && revision > 0 ? [{ key, revision }] : [];
  });
}

/** The picture in the product's language, else in English, else the first by key. */
function chooseFront(fronts: readonly Front[], language: string): Front | null {
  const byKey = (key: string) => fronts.find((front) => front.key === key);
  const [first] = [...fronts].sort((a, b) => (a.key < b.key ? -1 : 1));
  return byKey(`front_${language}`) ?? byKey("front_en") ?? first ?? null;
}
