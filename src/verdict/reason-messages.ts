import type { ReasonParams } from "../db/tables/products.ts";
import {
  ALLERGENS,
  BOYCOTT_LEVELS,
  HALAL_STATUSES,
  type HalalStatus,
  MADHABS,
} from "../db/tables/vocabulary.ts";
import { type Text, text } from "../texts/text.ts";

/** The names that reasons mention, in one language. */
export interface Words {
  /** A substance's name, or null where there is none in the language. */
  substance(id: string): string | null;
  /** An additive with its name; `name` is the English one of the reason's params. */
  additive(code: string, name: string | null): Text | string;
}

/** A substance's id in words: `en:pork-gelatin` is `pork gelatin`. */
export function substanceName(id: string): string {
  return id.replace(/^[a-z]{1,3}:/, "").replaceAll("-", " ");
}

/** An additive's code with a name where it has one. */
export function namedAdditive(code: string, name: Text | string | null): Text | string {
  return name === null ? code : text("named", { code, name });
}

/** In English, which is what is stored: substances by their ids, additives as the params name them. */
export const ENGLISH_WORDS: Words = {
  substance: substanceName,
  additive: namedAdditive,
};

/** The text of a reason's code and params, or null where they do not say all of it. */
export function reasonText(code: string, params: ReasonParams, words: Words): Text | null {
  const read = READERS.get(code);
  return read === undefined ? null : read({ code, params, words });
}

interface Told {
  readonly code: string;
  readonly params: ReasonParams;
  readonly words: Words;
}
type Reader = (told: Told) => Text | null;

const textOf = (value: ReasonParams[string] | undefined): string | null =>
  typeof value === "string" ? value : null;
const oneOf = <T extends string>(values: readonly T[], value: ReasonParams[string] | undefined) =>
  values.find((one) => one === value);
const statusText = (status: HalalStatus) => text(`status_${status}`);

const productSays: Reader = ({ code, params: { halalStatus, confidence, from } }) => {
  const status = oneOf(HALAL_STATUSES, halalStatus);
  if (status === undefined || typeof confidence !== "number") return null;
  const sure = confidence.toFixed(2);
  if (from === "list")
    return status === "halal"
      ? text("list_says_halal", { confidence: sure })
      : text("list_says_not_halal", { confidence: sure });
  if (from !== "source") return null;
  const said = { status: statusText(status), confidence: sure };
  return code === "product_halal_weak"
    ? text("product_says_weak", said)
    : text("product_says", said);
};

const certified: Reader = ({ code, params: { certifierName, trustScore } }) => {
  const certifier = textOf(certifierName);
  if (certifier === null || typeof trustScore !== "number") return null;
  const said = { certifier, score: trustScore };
  return code === "certifier_weak" ? text("certified_weak", said) : text("certified", said);
};

const conflict: Reader = ({ code, params }) => {
  if (params["certifier"] === undefined) return null;
  const certifier = textOf(params["certifierName"]);
  const isByLabel = code === "label_contradicted";
  if (certifier === null)
    return text(isByLabel ? "label_contradicted_source" : "sources_conflict_source");
  return isByLabel
    ? text("label_contradicted_certifier", { certifier })
    : text("sources_conflict_certifier", { certifier });
};

const additiveIs =
  (status: HalalStatus): Reader =>
  ({ params, words }) => {
    const code = textOf(params["additive"]);
    if (code === null || params["name"] === undefined) return null;
    const school = oneOf(MADHABS, params["madhab"]);
    const said = {
      additive: words.additive(code, textOf(params["name"])),
      status: statusText(status),
    };
    return school === undefined
      ? text("additive_is", said)
      : text("additive_is_for_school", { ...said, school: text(`school_${school}`) });
  };

const additiveUnknown: Reader = ({ params, words }) => {
  const code = textOf(params["additive"]);
  if (code === null) return null;
  return params["name"] === undefined
    ? text("additive_not_listed", { additive: code })
    : text("additive_not_known", { additive: words.additive(code, textOf(params["name"])) });
};

const schoolHolds: Reader = ({ params, words }) => {
  const school = oneOf(MADHABS, params["madhab"]);
  const status = oneOf(HALAL_STATUSES, params["halalStatus"]);
  const general = oneOf(HALAL_STATUSES, params["general"]);
  const additive = textOf(params["additive"]);
  const substance = textOf(params["substance"]);
  if (school === undefined || status === undefined || general === undefined) return null;
  const subject =
    additive !== null
      ? words.additive(additive, textOf(params["name"]))
      : substance !== null
        ? (words.substance(substance) ?? substanceName(substance))
        : null;
  if (subject === null) return null;
  return text("school_holds", {
    school: text(`school_${school}`),
    subject,
    status: statusText(status),
    general: statusText(general),
  });
};

const ingredientIs =
  (status: HalalStatus, isTrace: boolean): Reader =>
  ({ params, words }) => {
    const id = textOf(params["substance"]);
    const printed = textOf(params["quote"]);
    if (id === null || printed === null) return null;
    const name = words.substance(id);
    const substance = name ?? substanceName(id);
    const quote = printed === "" ? substance : printed;
    const said = { substance, quote, status: statusText(status) };
    const school = oneOf(MADHABS, params["madhab"]);
    const start = `${isTrace ? "traces" : "list"}_${
      name !== null ? (isTrace ? "of" : "names") : isTrace ? "printed" : "prints"
    }` as "list_names" | "list_prints" | "traces_of" | "traces_printed";
    return school === undefined
      ? text(start, said)
      : text(`${start}_for_school`, { ...said, school: text(`school_${school}`) });
  };

const namedHaram: Reader = ({ params, words }) => {
  const id = textOf(params["substance"]);
  const quote = textOf(params["quote"]);
  const from = oneOf(["category", "name"], params["from"]);
  if (id === null || quote === null || from === undefined) return null;
  const said = { quote, substance: words.substance(id) ?? substanceName(id) };
  const school = oneOf(MADHABS, params["madhab"]);
  return school === undefined
    ? text(`${from}_says`, said)
    : text(`${from}_says_for_school`, { ...said, school: text(`school_${school}`) });
};

const notEnough: Reader = ({ params: { items } }) => {
  if (!Array.isArray(items)) return null;
  if (items.length === 0) return text("not_enough_evidence");
  const [first = "", ...others] = items.toReversed();
  // One text within the other, so that each is quoted as its language quotes.
  const listed = others.reduce<Text>(
    (rest, item) => text("listed", { item: text("quoted", { text: item }), rest }),
    text("quoted", { text: first }),
  );
  return text("not_enough_evidence_items", { items: listed });
};

const boycotted: Reader = ({ params: { companyName, level, matchedBy } }) => {
  const company = textOf(companyName);
  const known = oneOf(BOYCOTT_LEVELS, level);
  const match = oneOf(["company", "brand", "parent", "gtin_prefix"], matchedBy);
  if (company === null || known === undefined || match === undefined) return null;
  return text("boycotted", {
    company,
    level: text(`level_${known}`),
    match: text(`match_${match}`),
  });
};

const allergenIn: Reader = ({ params }) => {
  const known = oneOf(ALLERGENS, params["allergen"]);
  if (known === undefined) return null;
  const allergen = text(`allergen_${known}`);
  return params["found"] === "traces"
    ? text("traces_of_allergen", { allergen })
    : text("contains_allergen", { allergen });
};

const avoidedIn: Reader = ({ params, words }) => {
  const code = textOf(params["additive"]);
  if (code === null || params["name"] === undefined) return null;
  return text("contains_avoided", { additive: words.additive(code, textOf(params["name"])) });
};

const labelCertifier: Reader = ({ params }) => {
  const certifier = textOf(params["certifier"]);
  return certifier === null ? null : text("label_certifier", { certifier });
};

/** By code: those of verdicts, of a user's profile, and of products' own sources as imports and editors write them. */
const READERS: ReadonlyMap<string, Reader> = new Map(
  Object.entries<Reader>({
    product_haram: productSays,
    product_doubtful: productSays,
    product_halal: productSays,
    product_halal_weak: productSays,
    certified,
    certifier_weak: certified,
    label_contradicted: conflict,
    sources_conflict: conflict,
    additive_haram: additiveIs("haram"),
    additive_doubtful: additiveIs("doubtful"),
    additive_unknown: additiveUnknown,
    madhab_ruling: schoolHolds,
    additives_halal: () => text("additives_halal"),
    ingredient_haram: ingredientIs("haram", false),
    ingredient_doubtful: ingredientIs("doubtful", false),
    trace_haram: ingredientIs("haram", true),
    category_haram: namedHaram,
    ingredients_clear: () => text("ingredients_clear"),
    vegan_clear: ({ params }) =>
      text(params["items"] === 0 ? "vegan_without_list" : "vegan_with_list"),
    in_store_barcode: () => text("in_store_barcode"),
    product_not_found: () => text("product_not_found"),
    ingredients_unknown: () => text("ingredients_unknown"),
    not_enough_evidence: notEnough,
    boycott: boycotted,
    boycott_hint: boycotted,
    allergen: allergenIn,
    avoided_additive: avoidedIn,
    label_not_halal: () => text("label_not_halal"),
    label_certifier: labelCertifier,
    label_halal: () => text("label_halal"),
    report_accepted: () => text("report_accepted"),
    stated_mark: () => text("stated_mark"),
    stated_forbidden: () => text("stated_forbidden"),
    stated_disputed: () => text("stated_disputed"),
  }),
);
