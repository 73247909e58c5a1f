import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gtinCheckDigit, readBarcode, repairBarcode } from "../../../src/food/barcode.ts";

const GTIN = "09506000134352";
const GS = "\u001D";

/** The GTIN-14 that is read, or the reason why there is none. */
function read(text: string): string {
  const reading = readBarcode(text);
  return reading.ok ? reading.barcode.gtin14 : reading.reason;
}

describe("readBarcode with the text of a scanner", () => {
  it.each([
    "https://id.gs1.org/01/09506000134352",
    "HTTPS://ID.GS1.ORG/01/9506000134352/10/AB-C?17=261231",
    "http://example.com/some/path/01/09506000134352/21/12345#top",
    "https://example.com:8443/gtin/9506000134352/",
    "id.gs1.org/01/09506000134352",
    "]Q1https://brand.example/01/09506000134352?utm_source=a(01)b",
    "https://id.gs1.org/01/%309506000134352",
  ])("finds the product number in the GS1 Digital Link %j", (text) => {
    expect(read(text)).toBe(GTIN);
  });

  it.each([
    "]C10109506000134352",
    `]d2${GS}010950600013435215261231`,
    "]Q30109506000134352",
    "]e00109506000134352",
    "]J10109506000134352",
    "]E09506000134352",
    "]E39506000134352 12",
    "]E3950600013435212345",
    "]I109506000134352",
    `${GS}]C10109506000134352`,
  ])("skips the symbology identifier of %j", (text) => {
    expect(read(text)).toBe(GTIN);
  });

  it.each([
    "(01)09506000134352(15)261231",
    "( 01 ) 0950600013435 2 (10) LOT-1",
    "(15)261231(01)09506000134352",
    "[01]9506000134352",
    "（０１）09506000134352",
  ])("reads the bracketed elements %j", (text) => {
    expect(read(text)).toBe(GTIN);
  });

  it.each([
    "0109506000134352",
    `${GS}0109506000134352`,
    `0109506000134352${GS}10LOT`,
    `]C110ABC123${GS}0109506000134352`,
    `15261231310300125010LOT-1${GS}0109506000134352`,
    "]C1001234567890123456750109506000134352",
    "152612310109506000134352",
    "10LOT<GS>0109506000134352",
    "10LOT{FNC1}0109506000134352",
    "10LOT\u241D0109506000134352",
    `[)>\u001E05${GS}0109506000134352${GS}10A\u001E\u0004`,
    "0109506000134352|10AB",
  ])("reads the elements %j", (text) => {
    expect(read(text)).toBe(GTIN);
  });

  it.each([
    "\u00029506000134352\u0003",
    "\u0002\u001D9506000134352\r\n\u0004",
    "\u00009506000134352",
    "\u000295060\u001D00134352",
  ])("removes the control characters of %j", (text) => {
    expect(read(text)).toBe(GTIN);
  });

  it.each(["०", "٠", "۰", "০", "๐", "០", "߀", "０", "𝟎"])(
    "reads the digits of the script whose zero is %s",
    (zero) => {
      const from = zero.codePointAt(0) ?? 0;
      const other = (digit: string) => String.fromCodePoint(from + Number(digit));
      expect(read("9506000134352".replace(/\d/g, other))).toBe(GTIN);
      expect(read(`(01)${"9506000134352".replace(/\d/g, other)}`)).toBe(GTIN);
    },
  );

  it("does not read eight digits that a code marks as a GTIN as UPC-E", () => {
    for (const text of ["07200083", "]E007200083"]) expect(read(text)).toBe("00072000000083");
    for (const text of ["]E407200083", "https://a.example/01/07200083", "(01)07200083"]) {
      expect(read(text)).toBe("00000007200083");
    }
  });

  it.each([
    ["https://example.com/products/12", "no_gtin"],
    ["https://id.gs1.org/414/9506000134352", "no_gtin"],
    ["https://id.gs1.org/01/", "no_gtin"],
    ["(10)ABC(17)261231", "no_gtin"],
    [`]C110ABC${GS}17261231`, "no_gtin"],
    ["]C1020950600013435237", "no_gtin"],
    ["]E112", "no_gtin"],
    ["(01)09506000134353", "check_digit"],
    ["https://id.gs1.org/01/09506000134353", "check_digit"],
    ["(01)", "length"],
    ["(01)ABC", "characters"],
    ["]C1", "no_gtin"],
  ])("rejects %j with the fault %s", (text, reason) => {
    expect(readBarcode(text)).toMatchObject({ ok: false, reason, message: expect.any(String) });
  });

  it("returns the same number for every syntax", () => {
    const payload = fc
      .string({ unit: fc.constantFrom(...Array.from("0123456789")), minLength: 13, maxLength: 13 })
      .filter((digits) => /[1-9]/.test(digits));
    fc.assert(
      fc.property(payload, (digits) => {
        const gtin = `${digits}${gtinCheckDigit(digits)}`;
        const texts = [
          `https://a.example/x/01/${gtin}/10/L`,
          `(01)${gtin}`,
          `]C101${gtin}10L`,
          `]d217261231${GS}01${gtin}`,
          `\u0002${gtin}\u0003`,
        ];
        for (const text of texts) expect(read(text)).toBe(gtin);
      }),
    );
  });
});

describe("repairBarcode with the text of a scanner", () => {
  it("reads the same codes, without adding zeros", () => {
    for (const text of ["]C10109506000134352", "https://id.gs1.org/01/09506000134352"]) {
      expect(repairBarcode(text)).toMatchObject({
        ok: true,
        barcode: { gtin14: GTIN },
        leadingZerosAdded: 0,
      });
    }
    expect(repairBarcode("(10)ABC")).toMatchObject({ ok: false, reason: "no_gtin" });
  });
});
