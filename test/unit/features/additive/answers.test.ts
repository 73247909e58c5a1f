import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { askedAdditive, searchedCodePrefix } from "../../../../src/features/additive/answers.ts";
import type { Additive } from "../../../../src/features/additive/schemas.ts";

const gelatine: Additive = {
  code: "E441",
  names: { en: "Gelatine", fr: null, ar: null },
  category: null,
  origin: "animal",
  halalStatus: "doubtful",
  explanation: null,
  explanationLanguage: null,
  source: null,
  vegan: "no",
  vegetarian: "no",
  parents: [],
  rulings: [
    {
      madhab: "shafii",
      halalStatus: "haram",
      explanation: null,
      explanationLanguage: null,
      source: null,
    },
  ],
  attribution: null,
  createdAt: "2026-01-01T00:00:00.000Z",
  updatedAt: "2026-01-01T00:00:00.000Z",
};

describe("askedAdditive", () => {
  it("returns the ruling of the school in the input, or the default ruling where that school has none", () => {
    expect(askedAdditive(gelatine, "E441", "shafii")).toMatchObject({
      ruling: { madhab: "shafii" },
      effectiveStatus: "haram",
      halalStatus: "doubtful",
    });
    for (const madhab of ["hanafi", undefined] as const) {
      const asked = askedAdditive(gelatine, "E441", madhab);
      expect(asked).toMatchObject({ ruling: null, effectiveStatus: "doubtful" });
    }
  });

  it("names the parent when the answer is the parent's", () => {
    expect(askedAdditive(gelatine, "E441", undefined).viaParent).toBe(false);
    const asked = askedAdditive(gelatine, "E441a", undefined);
    expect(asked).toMatchObject({ viaParent: true, code: "E441", requestedCode: "E441a" });
  });
});

describe("searchedCodePrefix", () => {
  it("recognises codes and prefixes of codes in any spelling", () => {
    expect(searchedCodePrefix("E-471")).toBe("e471");
    expect(searchedCodePrefix("ins 160a(ii)")).toBe("e160aii");
    expect(searchedCodePrefix("٤٧")).toBe("e47");
    expect(searchedCodePrefix("E 4")).toBe("e4");
    expect(searchedCodePrefix("gelatine")).toBeNull();
    expect(searchedCodePrefix("e")).toBeNull();
  });

  it("never returns a character that has a meaning in a LIKE pattern", () => {
    const text = fc.string({ unit: "binary", maxLength: 100 });
    const codeLike = fc.string({
      unit: fc.constantFrom(..."eEinsINS0123456789%_\\()-. ٤".split("")),
      maxLength: 12,
    });
    fc.assert(
      fc.property(fc.oneof(text, codeLike), (query) => {
        expect(searchedCodePrefix(query) ?? "e1").toMatch(/^e[0-9]+[a-z]*$/);
      }),
    );
  });
});
