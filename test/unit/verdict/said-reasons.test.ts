import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { VerdictReason } from "../../../src/db/tables/products.ts";
import { MADHABS } from "../../../src/db/tables/vocabulary.ts";
import { LANGUAGES } from "../../../src/texts/language.ts";
import { REASON_ORDER } from "../../../src/verdict/reason-texts.ts";
import { sayReasons } from "../../../src/verdict/said-reasons.ts";
import { decideVerdict } from "../../../src/verdict/verdict.ts";
import { Rulings } from "../../../src/verdict/rulings.ts";
import { anyEvidence } from "./evidence.ts";

const NAMES = { fr: "nom français", ar: "اسم عربي" };
const rulings = new Rulings({
  substances: [
    {
      id: "en:pork",
      parents: [],
      kind: "animal",
      additive: null,
      names: { fr: "porc", ar: "خنزير" },
    },
    { id: "en:ham", parents: ["en:pork"], kind: "animal", additive: null, names: null },
    { id: "en:thing", parents: [], kind: null, additive: null, names: NAMES },
  ],
  rulings: [],
  additives: [
    {
      code: "E441",
      name: "Gelatine",
      names: { en: "Gelatine", fr: "Gélatine", ar: "جيلاتين" },
      halalStatus: "doubtful",
      source: null,
      dataSourceId: null,
      rulings: [],
    },
  ],
});

const say = (reason: VerdictReason) =>
  LANGUAGES.map((language) => sayReasons([reason], language, rulings)[0]);

/** Reasons as a scan of today writes them: every code at least once. */
function writtenReasons(): VerdictReason[] {
  return fc
    .sample(anyEvidence, { numRuns: 3_000, seed: 7 })
    .flatMap((evidence) =>
      [undefined, ...MADHABS].flatMap((madhab) => decideVerdict(evidence, madhab).reasons),
    );
}

/** The ways in which a reason is not said as it should be; English is said as it was written. */
function faultsOf(reason: VerdictReason): { fault: string; reason: VerdictReason }[] {
  const [en, fr, ar] = say(reason);
  const rules: Readonly<Record<string, boolean>> = {
    "the English is not what was written": en?.message === reason.message && en.language === "en",
    "the French is not said to be French": fr?.language === "fr",
    "the Arabic is not said to be Arabic": ar?.language === "ar",
    "the French is English": fr?.message !== reason.message,
    "the Arabic has no Arabic letter": /\p{Script=Arabic}/u.test(ar?.message ?? ""),
  };
  return Object.entries(rules).flatMap(([fault, holds]) => (holds ? [] : [{ fault, reason }]));
}

describe("reasons in the caller's language", () => {
  it("include every reason of a verdict in French and Arabic, from its code and params", () => {
    const written = writtenReasons().filter(({ code }) =>
      REASON_ORDER.some((known) => known === code),
    );
    const ours = written.filter(({ params = {} }) => Object.keys(params).length > 0);
    const seen = new Set(written.map(({ code }) => code));
    expect(REASON_ORDER.filter((code) => !seen.has(code))).toEqual([]);
    // One expectation for all 110,000, because one for each costs more than saying them.
    expect(ours.flatMap(faultsOf).slice(0, 5)).toEqual([]);
  });

  it.each([
    [
      { code: "ingredient_haram", params: { substance: "en:pork", quote: "Speck", madhab: null } },
      "La liste cite l'ingrédient porc (« Speck ») : haram.",
      "تذكر القائمة خنزير («Speck»): حرام.",
    ],
    [
      { code: "trace_haram", params: { substance: "en:ham", quote: "ham", madhab: "maliki" } },
      "Traces possibles : porc (« ham »), haram selon l'école malékite.",
      "قد يحتوي على آثار من خنزير («ham»): حرام في المذهب المالكي.",
    ],
    [
      {
        code: "ingredient_doubtful",
        params: { substance: "en:nobody-knows", quote: "X", madhab: null },
      },
      "La liste cite « X » : douteux.",
      "تذكر القائمة «X»: مشكوك فيه.",
    ],
    [
      {
        code: "additive_doubtful",
        params: { additive: "E441i", name: "a form of E441, Gelatine", madhab: null },
      },
      "E441i (une forme de E441, Gélatine) : douteux.",
      "E441i (شكل من E441، جيلاتين): مشكوك فيه.",
    ],
    [
      { code: "avoided_additive", params: { additive: "E441", avoided: "E441", name: "Gelatine" } },
      "Contient E441 (Gélatine), que vous évitez.",
      "يحتوي على E441 (جيلاتين)، وهو مما تتجنبه.",
    ],
    [
      { code: "additive_unknown", params: { additive: "E999" } },
      "E999 ne figure pas dans la liste des additifs.",
      "E999 غير موجود في قائمة المضافات.",
    ],
    [
      { code: "not_enough_evidence", params: { items: ["blorb", "flim"] } },
      "Ce que l'on sait de ce produit ne permet de conclure ni à halal ni à haram. Non compris, ou sans avis connu : « blorb », « flim ».",
      "المعروف عن هذا المنتج لا يكفي للقول إنه حلال ولا إنه حرام. غير مفهوم أو بلا حكم معروف: «blorb»، «flim».",
    ],
  ])("name the values of %j in the language", (reason, fr, ar) => {
    const said = say({ ...reason, message: "(English)", source: "a council" });
    expect(said.slice(1).map((one) => one?.message)).toEqual([fr, ar]);
    expect(said.map((one) => one?.source)).toEqual(["a council", "a council", "a council"]);
  });

  it("keep a source's own words unchanged for any code, without a language", () => {
    for (const code of ["product_not_found", "report_accepted", "certified", "mine", "toString"]) {
      const own = { code, message: "As the maker told us.", source: "a shop" };
      for (const said of say(own)) expect(said).toEqual({ ...own, params: {}, language: null });
    }
  });

  it("keep the stored text of an old row without params", () => {
    const old = { code: "certified", message: "Certified by AVS.", source: "AVS" };
    expect(say(old)[1]).toMatchObject({ message: "Certified by AVS.", language: null });
  });

  it("name the origin of missing evidence in the language as well", () => {
    const unknown = {
      code: "product_not_found",
      params: {},
      message: "This product is not in the database yet.",
      source: "verdict rules",
    };
    expect(say(unknown).map((one) => [one?.message, one?.source])).toEqual([
      ["This product is not in the database yet.", "verdict rules"],
      ["Ce produit n'est pas encore dans la base de données.", "règles du verdict"],
      ["هذا المنتج ليس في قاعدة البيانات بعد.", "قواعد الحكم على المنتج"],
    ]);
  });
});

it("says reasons that are kept without their words: ours anew, others by their code", () => {
  const said = LANGUAGES.map((language) =>
    sayReasons([{ code: "in_store_barcode" }, { code: "some_source_s_own" }], language, rulings),
  );
  for (const [ours, other] of said) {
    expect(ours?.message).toMatch(/\p{L}{3}/u);
    expect(ours?.message).not.toBe("in_store_barcode");
    expect(ours?.source).not.toBe("");
    expect(other).toMatchObject({ message: "some_source_s_own", language: null });
  }
  expect(new Set(said.map(([ours]) => ours?.message)).size).toBe(LANGUAGES.length);
});
