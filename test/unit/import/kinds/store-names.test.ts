import { describe, expect, it } from "vitest";
import { readCsvPlace } from "../../../../src/import/kinds/stores/store-csv.ts";
import { storeNames } from "../../../../src/import/kinds/stores/store-names.ts";

describe("storeNames", () => {
  it("keeps all names, and the translated ones under their language tags", () => {
    expect(
      storeNames({
        name: "مطعم الشام",
        "name:en": "Damascus Gate",
        "name:ms-Arab": "داماسکوس",
        "name:zh_Hant": "大馬士革",
        "name:sr-latn": "Damask",
        alt_name: "Sham; Al Sham;Sham",
        old_name: "Beirut",
        "old_name:fr": "Beyrouth",
        short_name: "DG",
        int_name: "Damascus",
        official_name: "Damascus Gate Ltd",
        brand: "Gate",
        "brand:wikidata": "Q1",
        "name:etymology": "a gate",
        "name:etymology:wikidata": "Q2",
      }),
    ).toEqual({
      name: "مطعم الشام",
      names: {
        en: "Damascus Gate",
        "ms-Arab": "داماسکوس",
        "zh-Hant": "大馬士革",
        "sr-Latn": "Damask",
      },
      otherNames: [
        "Al Sham",
        "Beirut",
        "Beyrouth",
        "DG",
        "Damascus",
        "Damascus Gate Ltd",
        "Gate",
        "Sham",
      ],
      isCut: false,
    });
  });

  it.each([
    [{ "name:ms-Arab": "کدای" }, "کدای"],
    [{ "name:zh_Hant": "店" }, "店"],
    [{ "name:ku": "K", "name:en": "E" }, "E"],
    [{ official_name: "O", short_name: "S" }, "O"],
    [{ alt_name: "First;Second" }, "First"],
    [{ short_name: "S" }, "S"],
    [{ old_name: "gone" }, null],
    [{ "name:etymology": "gate" }, null],
    [{}, null],
  ])("uses the name in %j", (tags, name) => {
    expect(storeNames(tags).name).toBe(name);
  });

  it("omits names that are too long or too many, and reports them", () => {
    const many = Object.fromEntries(
      Array.from({ length: 26 * 4 }, (_, i) => [
        `name:${String.fromCharCode(97 + (i % 26))}${String.fromCharCode(97 + Math.floor(i / 26))}`,
        "n".repeat(100),
      ]),
    );
    const { names, isCut } = storeNames({ name: "A", ...many });
    expect(Object.values(names).join("").length).toBeLessThanOrEqual(4_000);
    expect(isCut).toBe(true);
    expect(storeNames({ name: "A", alt_name: "n".repeat(201) })).toMatchObject({
      otherNames: [],
      isCut: true,
    });
  });

  it("finds translated names in the columns of a table, in every spelling of the column's name", () => {
    const row = {
      name: "Main",
      name_en: "English",
      "name:ms-Arab": "Jawi",
      "Name (fr)": "Français",
      nameTr: "Türkçe",
      "name-de": "Deutsch",
      "Alt Name": "Other",
      name_ref: "no language",
      name_of_owner: "none either",
      id: "1",
      lat: "1",
      lon: "2",
    };
    const place = readCsvPlace(row);
    if ("reason" in place) throw new Error(place.reason);
    expect(storeNames(place.tags)).toMatchObject({
      name: "Main",
      names: {
        en: "English",
        "ms-Arab": "Jawi",
        fr: "Français",
        tr: "Türkçe",
        de: "Deutsch",
      },
      otherNames: ["Other"],
    });
  });
});
