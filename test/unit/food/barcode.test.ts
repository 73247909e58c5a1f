import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AppError } from "../../../src/errors.ts";
import {
  type BarcodeFormat,
  companyPrefixes,
  expandUpcE,
  gtinCheckDigit,
  parseBarcode,
  readBarcode,
  repairBarcode,
} from "../../../src/food/barcode.ts";

const digits = (length: number): fc.Arbitrary<string> =>
  fc.string({
    unit: fc.constantFrom(..."0123456789".split("")),
    minLength: length,
    maxLength: length,
  });
const gtin = (length: number): fc.Arbitrary<string> =>
  digits(length - 1).map((payload) => `${payload}${gtinCheckDigit(payload)}`);
const anyGtin = fc.constantFrom(12, 13, 14).chain(gtin);

const ARABIC_INDIC_ZERO = 0x660;
const toArabicIndic = (text: string): string =>
  text.replace(/[0-9]/g, (digit) => String.fromCodePoint(ARABIC_INDIC_ZERO + Number(digit)));

/** The answer, or the code of the AppError; anything else thrown fails the test. */
const outcome = (read: () => string): string => {
  try {
    return read();
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
};

describe("parseBarcode", () => {
  it.each<[string, string, BarcodeFormat]>([
    ["3017620422003", "03017620422003", "GTIN-13"],
    ["96385074", "00000096385074", "GTIN-8"],
    ["036000291452", "00036000291452", "GTIN-12"],
    ["0036000291452", "00036000291452", "GTIN-13"],
    ["10614141000415", "10614141000415", "GTIN-14"],
    ["04252614", "00042100005264", "UPC-E"],
    ["01234565", "00012345000065", "UPC-E"],
    ["12720123", "00127200002013", "UPC-E"],
  ])("reads %s as %s, %s", (text, gtin14, format) => {
    expect(parseBarcode(text)).toEqual({ gtin14, format, inStore: false });
  });

  it.each([
    "3 017620 422003",
    "3-017620-422003",
    " 3017620422003\n",
    "\u200E3017620422003",
    toArabicIndic("3017620422003"),
  ])("accepts %j", (text) => {
    expect(parseBarcode(text).gtin14).toBe("03017620422003");
  });

  it("names the expected digit when the check digit is wrong", () => {
    expect(() => parseBarcode("3017620422004")).toThrow(
      expect.objectContaining({
        code: "BAD_REQUEST",
        message: expect.stringMatching(/check digit.*should be 3, not 4/),
      }),
    );
  });

  it.each([
    ["3.02E+12", "spreadsheet_damage"],
    ["3,01762E+12", "spreadsheet_damage"],
    ["3e+12", "spreadsheet_damage"],
    ["3017620422003.0", "spreadsheet_damage"],
    ["30176204220O3", "characters"],
    ["<script>", "characters"],
    ["-3017620422003", "characters"],
    ["00000000", "zeros"],
    ["1.2.3", "characters"],
    ["", "length"],
    [" - ", "length"],
    ["425261", "length"],
    ["12345678901", "length"],
    ["123456789012345", "length"],
    ["3".repeat(1_000_000), "length"],
    ["3017620422004", "check_digit"],
    ["04252615", "check_digit"],
  ])("rejects %.20s because of its %s", (text, reason) => {
    expect(readBarcode(text)).toMatchObject({ ok: false, reason });
    expect(() => parseBarcode(text)).toThrow(AppError);
  });

  it.each([
    ["2000000000008", true],
    ["2912345678900", true],
    ["0212345678904", true],
    ["212345678904", true],
    ["0412345678902", true],
    ["20022914", true],
    ["00110112", true],
    ["10096024", false],
    ["3017620422003", false],
    ["0312345678901", false],
  ])("recognises whether a number with the prefix of %s is an in-store number", (text, inStore) => {
    const payload = text.slice(0, -1);
    expect(parseBarcode(`${payload}${gtinCheckDigit(payload)}`).inStore).toBe(inStore);
  });

  it("reads eight digits that are valid as both kinds as UPC-E from 01 to 09, and as GTIN-8 from 00 and 1", () => {
    for (const both of ["07200083", "00978576", "15445667"]) {
      expect(gtinCheckDigit(both.slice(0, -1))).toBe(Number(both.at(-1)));
      expect(expandUpcE(both)).not.toBeNull();
    }
    expect(parseBarcode("07200083")).toMatchObject({ gtin14: "00072000000083", format: "UPC-E" });
    expect(parseBarcode("00978576")).toMatchObject({ format: "GTIN-8", inStore: true });
    expect(parseBarcode("15445667")).toMatchObject({ gtin14: "00000015445667", format: "GTIN-8" });
  });

  it("returns one canonical form for every width of a number, and for its own result", () => {
    fc.assert(
      fc.property(anyGtin, (text) => {
        const { gtin14, inStore } = parseBarcode(text);
        expect(gtin14).toBe(text.padStart(14, "0"));
        expect(parseBarcode(gtin14)).toEqual({ gtin14, format: "GTIN-14", inStore });
      }),
    );
  });

  it("detects every single wrong digit", () => {
    fc.assert(
      fc.property(anyGtin, fc.nat(), fc.integer({ min: 1, max: 9 }), (text, at, step) => {
        const index = at % text.length;
        const wrong = (Number(text[index]) + step) % 10;
        const mutated = `${text.slice(0, index)}${wrong}${text.slice(index + 1)}`;
        expect(readBarcode(mutated)).toMatchObject({ ok: false, reason: "check_digit" });
      }),
    );
  });

  it("throws only AppError, for any input", () => {
    const hostile = fc.oneof(
      fc.string({ unit: "binary", maxLength: 100 }),
      fc.string({
        unit: fc.constantFrom(..."0123456789.,eE+- #\u0663\u200F".split("")),
        maxLength: 20,
      }),
    );
    fc.assert(
      fc.property(hostile, (text) => {
        expect(outcome(() => parseBarcode(text).gtin14)).toMatch(/^([0-9]{14}|BAD_REQUEST)$/);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("expandUpcE", () => {
  it.each([
    ["04252614", "042100005264"],
    ["02044127", "020200004417"],
    ["02060139", "020600000019"],
    ["04035747", "040350000077"],
    ["02020150", "020201000050"],
    ["02345673", "023456000073"],
  ])("expands %s to %s", (upcE, upcA) => {
    expect(expandUpcE(upcE)).toBe(upcA);
  });

  it("returns a valid UPC-A or null", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 19_999_999 }).map((n) => String(n).padStart(8, "0")),
        (text) => {
          const upcA = expandUpcE(text);
          fc.pre(upcA !== null);
          expect(text).toMatch(/^[01]/);
          expect(parseBarcode(upcA)).toMatchObject({ format: "GTIN-12" });
          expect(upcA.at(-1)).toBe(text.at(-1));
        },
      ),
    );
  });
});

describe("repairBarcode", () => {
  it.each([
    ["36000291452", "00036000291452", 1],
    ["651511016", "00000651511016", 3],
    ["4252614", "00042100005264", 1],
    ["3017620422003", "03017620422003", 0],
  ])("reads %s as %s with %i zeros put back", (text, gtin14, leadingZerosAdded) => {
    expect(repairBarcode(text)).toMatchObject({ ok: true, barcode: { gtin14 }, leadingZerosAdded });
  });

  it.each([
    ["36000291453", "length"],
    ["978576", "length"],
    ["3017620422004", "check_digit"],
    ["3.02E+12", "spreadsheet_damage"],
    // Its check digit happens to hold.
    ["5500000000000", "spreadsheet_damage"],
    ["3017620000000", "spreadsheet_damage"],
    ["72243000000", "spreadsheet_damage"],
    ["-3017620422003", "characters"],
    ["\u22123017620422003", "characters"],
    ["00000000", "zeros"],
    ["0000000000000", "zeros"],
  ])("does not repair %s because of its %s", (text, reason) => {
    expect(repairBarcode(text)).toMatchObject({ ok: false, reason });
  });

  it("restores the zeros that a spreadsheet removes from a UPC-A, and never changes a valid number", () => {
    fc.assert(
      fc.property(gtin(12), (text) => {
        const lost = text.replace(/^0+/, "");
        fc.pre(lost.length >= 9);
        expect(repairBarcode(lost)).toMatchObject({
          ok: true,
          barcode: { gtin14: text.padStart(14, "0") },
          leadingZerosAdded: 12 - lost.length,
        });
      }),
    );
  });
});

describe("companyPrefixes", () => {
  it("returns the first 4 to 12 digits of the GTIN-13 for every pack size of the GTIN-14", () => {
    const prefixes = companyPrefixes("03017620422003");
    expect(prefixes.at(0)).toBe("3017");
    expect(prefixes.at(-1)).toBe("301762042200");
    expect(prefixes).toHaveLength(9);
    expect(companyPrefixes("13017620422000")).toEqual(prefixes);
  });

  it("returns no prefixes for a GTIN-8 or an in-store number", () => {
    expect(companyPrefixes("00000096385074")).toEqual([]);
    expect(companyPrefixes("02012345678900")).toEqual([]);
  });
});
