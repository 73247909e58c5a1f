import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ERROR_REASONS } from "../../../src/error-reasons.ts";
import { askIn, errorIn, get, post } from "../../support/language-calls.ts";
import { openStack, type Instance, type Stack } from "../../support/stack.ts";
import { bearer } from "../../support/tokens.ts";

const BARCODE = "4006381333931";
const LANGUAGES = ["en", "fr", "ar"] as const;
const PLACE = { latitude: 55.6761, longitude: 12.5683 };

let stack: Stack;
let instance: Instance;

beforeAll(async () => {
  stack = await openStack();
  instance = await stack.startInstance({ environment: { RATE_LIMIT_PER_MINUTE: "100000" } });
});

afterAll(() => stack.close());

const ask = (path: string, acceptLanguage?: string, init: RequestInit = {}) =>
  askIn(instance, path, acceptLanguage, init);

/** Words that English sentences cannot do without. */
const ENGLISH =
  /\b(?:the|is|are|of|and|this|that|with|not|by|please|more|than|must|needs?|there)\b/i;
const TECHNICAL = /\b(?:not_\w+|is_\w+)\b/g;

it("says every reason to fail in each language, with nothing of English in French and Arabic", async () => {
  const user = await bearer();
  const admin = await bearer({ isAdmin: true });
  const wrongDigit = { barcode: "3017620422004" };
  const record = (more: object) => post({ id: randomUUID(), ...more }, { authorization: user });
  const cases: readonly (readonly [reason: string, path: string, init?: RequestInit])[] = [
    ["malformed_request", "store.nearby?input=%7B"],
    [
      "malformed_request",
      "scans.remove",
      post("{", { authorization: user, "content-type": "text/plain" }),
    ],
    ["invalid_input", get("store.nearby", { latitude: 91, longitude: "x", limit: 0, radiusKm: 0 })],
    ["invalid_input", get("store.nearby", { ...PLACE, storeType: "casino", limit: 1.5 })],
    ["invalid_input", get("store.nearby", null)],
    ["invalid_input", get("store.search", { query: " " })],
    ["invalid_input", get("store.byId", { id: "x" })],
    ["invalid_input", get("boycott.check", {})],
    ["invalid_input", "scans.record", record({ barcode: BARCODE, latitude: 1 })],
    ["invalid_input", "scans.record", record({ barcode: BARCODE, scannedAt: "yesterday" })],
    ["invalid_input", "favorites.add", post({ kind: "cat" }, { authorization: user })],
    ["unknown_input", get("store.nearby", { ...PLACE, openLate: true })],
    ["barcode_check_digit", get("product.byBarcode", wrongDigit)],
    ["barcode_unreadable", get("product.byBarcode", { barcode: "abc" })],
    ["barcode_unreadable", get("product.byBarcode", { barcode: "3.02E+12" })],
    ["barcode_check_digit", get("boycott.check", wrongDigit)],
    ["barcode_check_digit", "scans.record", record(wrongDigit)],
    [
      "barcode_check_digit",
      "favorites.add",
      post({ kind: "product", ...wrongDigit }, { authorization: user }),
    ],
    ["e_number_unreadable", get("additive.byCode", { code: "E0" })],
    ["cursor_invalid", get("alerts.list", { cursor: "none" })],
    ["method_not_supported", get("scans.remove", {})],
    ["no_procedure", "store.burn"],
    ["not_found", get("store.byId", { id: randomUUID() })],
    ["not_found", get("additive.byCode", { code: "E999" })],
    ["not_found", get("certifier.byId", { id: "nobody" })],
    ["not_found", get("boycott.byId", { id: randomUUID() })],
    ["not_found", get("alerts.byId", { id: randomUUID() })],
    ["not_found", "scans.remove", record({})],
    [
      "not_found",
      "favorites.add",
      post({ kind: "store", id: randomUUID() }, { authorization: user }),
    ],
    ["token_missing", "scans.history"],
    ["token_missing", "reports.mine"],
    ["token_invalid", "scans.history", { headers: { authorization: "Bearer a.b.c" } }],
    ["token_invalid", "scans.history", { headers: { authorization: "Basic x" } }],
    ["not_admin", "alerts.adminList", { headers: { authorization: user } }],
    ["body_too_large", "scans.record", post("x".repeat(70_000), { authorization: user })],
    ["batch_too_long", `${"certifier.list,".repeat(31)}certifier.list?batch=1&input=%7B%7D`],
    [
      "invalid_input",
      "certifier.upsert",
      post({ id: "No Slug", name: "x" }, { authorization: admin }),
    ],
    [
      "invalid_input",
      "alerts.publish",
      post(
        {
          title: "x",
          summary: "y",
          severity: "info",
          category: "z",
          expiresAt: "2020-01-01T00:00:00Z",
        },
        { authorization: admin },
      ),
    ],
  ];
  const seen = new Set<string>();
  for (const [reason, path, init] of cases) {
    const [en, fr, ar] = await Promise.all(
      LANGUAGES.map(async (language) => {
        const answer = await ask(path, language, init);
        expect([path, answer.language]).toEqual([path, language]);
        const { message, data } = errorIn(answer.text);
        expect([path, data.reason]).toEqual([path, reason]);
        const issues = data.issues ?? [];
        for (const issue of issues) expect(message).toContain(issue.message);
        return { message, issues: issues.map(({ path, code }) => ({ path, code })) };
      }),
    );
    seen.add(reason);
    expect(fr?.issues).toEqual(en?.issues);
    expect(ar?.issues).toEqual(en?.issues);
    expect([path, ar?.message]).toEqual([path, expect.stringMatching(/\p{Script=Arabic}/u)]);
    expect(fr?.message).not.toBe(en?.message);
    for (const said of [fr?.message ?? "", ar?.message ?? ""])
      expect([path, said, ENGLISH.exec(said.replaceAll(TECHNICAL, ""))?.[0]]).toEqual([
        path,
        said,
        undefined,
      ]);
  }
  // Every text is in the catalogues' tests; these need more than one call.
  expect(ERROR_REASONS.filter((reason) => !seen.has(reason))).toEqual([
    "conflict",
    "token_expired",
    "origin_not_allowed",
    "rate_limited",
    "call_alone",
    "too_many_scans",
    "too_many_favorites",
    "overloaded",
    "unavailable",
    "internal",
  ]);
});

it("tells a caller over the limit so in their language", async () => {
  const small = await stack.startInstance({ environment: { RATE_LIMIT_PER_MINUTE: "1" } });
  const call = async (language: string) => {
    const response = await fetch(`${small.url}/trpc/certifier.list`, {
      headers: { "accept-language": language },
    });
    return { status: response.status, text: await response.text() };
  };
  await call("en");
  const [fr, ar] = [await call("fr"), await call("ar")];
  expect([fr.status, ar.status]).toEqual([429, 429]);
  expect(errorIn(fr.text).message).toMatch(/^Plus de 1 appels en une minute/);
  expect(errorIn(ar.text).message).toMatch(/^تجاوزتَ الحد/);
});
