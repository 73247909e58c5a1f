import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AppError } from "../../../src/errors.ts";
import {
  compareENumbers,
  parentCodes,
  parseENumber,
  readENumber,
} from "../../../src/food/e-number.ts";

/** The check constraint of the additives table. */
const STORED_FORM = /^E[0-9]{3,4}[a-z]?[ivx]*$/;

const parts = fc.record({
  number: fc.integer({ min: 100, max: 1599 }),
  letter: fc.constantFrom("", ..."abcdefgh".split("")),
  roman: fc.constantFrom(
    "",
    "i",
    "ii",
    "iii",
    "iv",
    "v",
    "vi",
    "vii",
    "viii",
    "ix",
    "x",
    "xi",
    "xiv",
  ),
});
const code = parts.map(({ number, letter, roman }) => `E${number}${letter}${roman}`);

const toArabicIndic = (text: string): string =>
  text.replace(/[0-9]/g, (digit) => String.fromCodePoint(0x660 + Number(digit)));
const toPersian = (text: string): string =>
  text.replace(/[0-9]/g, (digit) => String.fromCodePoint(0x6f0 + Number(digit)));

/** The answer, or the code of the AppError; anything else thrown fails the test. */
const outcome = (read: () => string): string => {
  try {
    return read();
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
};

describe("parseENumber", () => {
  it.each([
    ["E471", "E471"],
    ["e 471", "E471"],
    ["E-471", "E471"],
    ["E\u2011471", "E471"],
    ["INS 471", "E471"],
    ["SIN 471", "E471"],
    ["en:e471", "E471"],
    ["fr:E471", "E471"],
    ["471", "E471"],
    ["\uFF25\uFF14\uFF17\uFF11", "E471"],
    ["E\u0664\u0667\u0661", "E471"],
    ["\u0415120", "E120"],
    ["\u0435 120", "E120"],
    ["\u0395120", "E120"],
    ["\u212E120", "E120"],
    ["\u0401471", "E471"],
    ["\u00C9471", "E471"],
    ["\u13AC471", "E471"],
    ["ru:\u0435120", "E120"],
    ["\u0415160\u0430", "E160a"],
    ["\u0415160\u0430(\u0456)", "E160ai"],
    ["\u0399NS 120", "E120"],
    ["E\u0967\u0968\u0966", "E120"],
    ["E\u09E7\u09E8\u09E6", "E120"],
    ["E12O", "E120"],
    ["E472a", "E472a"],
    ["E 472 A", "E472a"],
    ["E472(a)", "E472a"],
    ["E450(i)", "E450i"],
    ["E101(i)", "E101i"],
    ["E 450 (IV)", "E450iv"],
    ["INS 160a(i)", "E160ai"],
    ["E160(a)(i)", "E160ai"],
    ["en:e322i", "E322i"],
    ["E450v", "E450v"],
    ["E161i", "E161i"],
    ["E1520", "E1520"],
  ])("reads %j as %s", (text, expected) => {
    expect(parseENumber(text).code).toBe(expected);
  });

  it.each([
    "",
    "E",
    "E47",
    "E14711",
    "E0471",
    "en:e14xx",
    "en:exxx",
    "E472ab",
    "E450iiii",
    "E450(i",
    "E450vx",
    "E450(i)(i)",
    "E450()",
    "E471; drop table additives",
    "E471\u0000",
    "e e471",
    "gelatine",
    "E4.71",
    "-471",
    "9".repeat(1_000_000),
  ])("rejects %.30s", (text) => {
    expect(readENumber(text).ok).toBe(false);
    expect(() => parseENumber(text)).toThrow(expect.objectContaining({ code: "BAD_REQUEST" }));
  });

  it("distinguishes a letter from a Roman numeral", () => {
    expect(parseENumber("E450v")).toMatchObject({ letter: "", roman: "v" });
    expect(parseENumber("E472d")).toMatchObject({ letter: "d", roman: "" });
    expect(parseENumber("E161i")).toMatchObject({ letter: "i", roman: "" });
    expect(parseENumber("E160aiv")).toMatchObject({ letter: "a", roman: "iv" });
  });

  it("returns its own result unchanged, in the stored form", () => {
    fc.assert(
      fc.property(parts, ({ number, letter, roman }) => {
        const parsed = parseENumber(`E${number}${letter}${roman}`);
        expect(parsed.code).toBe(`E${number}${letter}${roman}`);
        expect(parsed.code).toMatch(STORED_FORM);
        expect(parseENumber(parsed.code)).toEqual(parsed);
      }),
    );
  });

  it("reads every spelling of a code as the same code", () => {
    fc.assert(
      fc.property(parts, ({ number, letter, roman }) => {
        const bracketed = roman === "" ? `${number}${letter}` : `${number}${letter}(${roman})`;
        const plain = `${number}${letter}${roman}`;
        const spellings = [plain, bracketed].flatMap((tail) => [
          tail,
          `E${tail}`,
          `e ${tail}`,
          `E-${tail}`,
          `INS ${tail}`,
          `ins-${tail}`,
          `en:e${tail}`,
          ` E${tail.toUpperCase()}\t`,
          `E${toArabicIndic(tail)}`,
          `E${toPersian(tail)}`,
        ]);
        expect(new Set(spellings.map((text) => parseENumber(text).code))).toEqual(
          new Set([`E${plain}`]),
        );
      }),
    );
  });

  it("throws only AppError, and never returns a code that the table would reject", () => {
    const hostile = fc.oneof(
      fc.string({ unit: "binary", maxLength: 100 }),
      fc.string({
        unit: fc.constantFrom(..."eEinsINS:-. ()0123456789abivx\u0661\u200F".split("")),
        maxLength: 14,
      }),
    );
    fc.assert(
      fc.property(hostile, (text) => {
        expect(outcome(() => parseENumber(text).code)).toSatisfy(
          (answer: string) => answer === "BAD_REQUEST" || STORED_FORM.test(answer),
        );
      }),
      { numRuns: 2000 },
    );
  });
});

describe("parentCodes", () => {
  it.each([
    ["E471", []],
    ["E450i", ["E450"]],
    ["E472a", ["E472"]],
    ["E160ai", ["E160a", "E160"]],
    ["E161i", ["E161"]],
  ])("lists the parents of %s as %j", (text, expected) => {
    expect(parentCodes(text)).toEqual(expected);
  });

  it("removes one part of the code at a time", () => {
    fc.assert(
      fc.property(code, (text) => {
        const [nearest, ...rest] = parentCodes(text);
        if (nearest === undefined) return;
        expect(text.startsWith(nearest)).toBe(true);
        expect(parentCodes(nearest)).toEqual(rest);
      }),
    );
  });

  it("rejects text that is not an E-number", () => {
    expect(() => parentCodes("gelatine")).toThrow(AppError);
  });
});

describe("compareENumbers", () => {
  it("sorts codes as the Codex does, with invalid codes last", () => {
    const sorted = [
      "E100",
      "E161h",
      "E161i",
      "E161j",
      "E450",
      "E450iv",
      "E450v",
      "E450ix",
      "E450x",
      "E470a",
      "E470ai",
      "E1400",
      "Eabc",
      "Exxx",
    ];
    expect(sorted.toReversed().sort(compareENumbers)).toEqual(sorted);
  });

  it("is a total order", () => {
    const any = fc.oneof(code, fc.string({ maxLength: 6 }));
    fc.assert(
      fc.property(any, any, any, (a, b, c) => {
        expect(Math.sign(compareENumbers(a, b))).toBe(0 - Math.sign(compareENumbers(b, a)));
        fc.pre(compareENumbers(a, b) <= 0 && compareENumbers(b, c) <= 0);
        expect(compareENumbers(a, c)).toBeLessThanOrEqual(0);
      }),
    );
  });
});
