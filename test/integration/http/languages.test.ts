import { randomUUID } from "node:crypto";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { ERROR_REASONS } from "../../../src/error-reasons.ts";
import type { ErrorData } from "../../../src/trpc/error-data.ts";
import { insertStores } from "../../support/store-rows.ts";
import { openStack, type Instance, type Stack } from "../../support/stack.ts";
import { bearer } from "../../support/tokens.ts";

const BARCODE = "4006381333931";
const LANGUAGES = ["en", "fr", "ar"] as const;
const PLACE = { latitude: 55.6761, longitude: 12.5683 };

let stack: Stack;
let instance: Instance;
let storeId = "";
let alertId = "";

beforeAll(async () => {
  stack = await openStack();
  instance = await stack.startInstance({ environment: { RATE_LIMIT_PER_MINUTE: "100000" } });
  const [id = ""] = await insertStores(stack.sql, [{ ...PLACE, name: "Shop" }]);
  storeId = id;
  await stack.sql`insert into additives (code, name_en, name_fr, name_ar, halal_status, explanation, explanation_language, explanation_texts)
    values ('E471', 'Glycerides', 'Glycérides', 'غليسريدات', 'doubtful', 'From fats.', 'en', '{"fr": "De graisses."}')`;
  await stack.sql`insert into products (barcode, name, additives, ingredients, source)
    values (${`0${BARCODE}`}, 'Bread', '{E471}', 'flour, E471', 'test')`;
  const admin = await instance.as({ isAdmin: true });
  const alert = await admin.alerts.publish.mutate({
    title: "Recall: bread",
    summary: "Glass",
    severity: "critical",
    category: "recall",
    recall: { barcodes: [BARCODE], risk: "Cuts", whatToDo: "Bring it back" },
    texts: { fr: { title: "Rappel : pain", summary: "Du verre", risk: "Coupures" } },
  });
  alertId = alert.id;
});

afterAll(() => stack.close());

const get = (procedure: string, input: unknown) =>
  `${procedure}?input=${encodeURIComponent(JSON.stringify(input))}`;
const post = (input: unknown, headers: Record<string, string> = {}): RequestInit => ({
  method: "POST",
  headers: { "content-type": "application/json", ...headers },
  body: JSON.stringify(input),
});

async function ask(path: string, acceptLanguage?: string, init: RequestInit = {}) {
  const headers = new Headers(init.headers);
  if (acceptLanguage !== undefined) headers.set("accept-language", acceptLanguage);
  // The language of undici's own default would be any: `*`.
  else headers.set("accept-language", "*");
  const response = await fetch(`${instance.url}/trpc/${path}`, { ...init, headers });
  return {
    status: response.status,
    language: response.headers.get("content-language"),
    vary: response.headers.get("vary") ?? "",
    etag: response.headers.get("etag"),
    text: await response.text(),
  };
}

interface ErrorBody {
  readonly message: string;
  readonly data: ErrorData;
}

const errorIn = (text: string) => (JSON.parse(text) as { error: ErrorBody }).error;

describe("the language of an answer", () => {
  it.each([
    [undefined, "en"],
    ["fr", "fr"],
    ["ar-EG,ar;q=0.9,en;q=0.8", "ar"],
    ["de,fr;q=0.3,en;q=0.1", "fr"],
    ["de", "en"],
    ["fr;q=0,ar;q=0.2", "ar"],
    ["!!", "en"],
  ])("follows Accept-Language %j, and `content-language` says %s", async (header, language) => {
    const product = await ask(get("product.byBarcode", { barcode: BARCODE }), header);
    expect([product.status, product.language]).toEqual([200, language]);
    expect(product.vary).toContain("accept-language");
    const error = await ask(get("store.byId", { id: randomUUID() }), header);
    expect([error.status, error.language]).toEqual([404, language]);
    expect(error.vary).toContain("accept-language");
  });

  it("follows `locale` before Accept-Language, in a query, a body, and an error of either", async () => {
    const product = await ask(
      get("product.byBarcode", { barcode: BARCODE, locale: "fr-CA" }),
      "ar",
    );
    expect(product.language).toBe("fr");
    expect(product.text).toContain("Rappel : pain");
    const wrong = await ask(get("product.byBarcode", { barcode: "1", locale: "ar" }), "fr");
    expect([wrong.language, errorIn(wrong.text).message]).toEqual([
      "ar",
      expect.stringMatching(/الرمز الشريطي/),
    ]);
    const authorization = await bearer();
    const scan = { id: randomUUID(), barcode: BARCODE, locale: "fr" };
    const recorded = await ask("scans.record", "ar", post(scan, { authorization }));
    expect(recorded.language).toBe("fr");
    expect(recorded.text).toContain("Glycérides");
    const unknown = await ask(get("product.byBarcode", { barcode: BARCODE, locale: "de" }), "fr");
    expect(unknown.language).toBe("en");
  });

  it("refuses a `locale` that is no language tag, and one where a procedure knows none", async () => {
    const noTag = await ask(get("product.byBarcode", { barcode: BARCODE, locale: "no tag" }), "fr");
    expect(errorIn(noTag.text)).toMatchObject({
      message: "locale: une étiquette de langue telle que en, ar ou zh-Hant",
      data: { reason: "invalid_input" },
    });
    const notKnown = await ask(get("certifier.byId", { id: "avs", locale: "fr" }), "ar");
    expect([notKnown.language, errorIn(notKnown.text).data.reason]).toEqual([
      "fr",
      "unknown_input",
    ]);
  });

  it("is one for a batch whose calls are mixed: the first locale's", async () => {
    const inputs = {
      0: { barcode: BARCODE },
      1: { code: "E471", locale: "fr" },
      2: { id: randomUUID() },
      3: { code: "E471", locale: "ar" },
    };
    const paths = "product.byBarcode,additive.byCode,store.byId,additive.forCodes";
    const batch = await ask(
      `${paths}?batch=1&input=${encodeURIComponent(JSON.stringify(inputs))}`,
      "ar",
    );
    expect([batch.status, batch.language]).toEqual([207, "fr"]);
    expect(batch.text).toContain("Rappel : pain");
    expect(batch.text).toContain("De graisses.");
    expect(batch.text).toContain("Ce magasin n'existe pas.");
  });

  it("is not said of an answer that has no texts, which does not vary by it", async () => {
    const list = await ask("certifier.list", "fr");
    expect([list.language, list.vary.includes("accept-language")]).toEqual([null, false]);
    expect(list.etag).toBe((await ask("certifier.list", "ar")).etag);
  });

  it("is that of addresses outside of /trpc, too", async () => {
    const response = await fetch(`${instance.url}/nowhere`, {
      headers: { "accept-language": "fr" },
    });
    expect(response.headers.get("content-language")).toBe("fr");
    expect(errorIn(await response.text()).message).toMatch(/^Il n'y a rien ici/);
  });

  it("is that of what tRPC's own handler answers", async () => {
    const init = { headers: { "trpc-accept": "application/jsonl" } };
    const streamed = await ask("certifier.list", "fr", init);
    expect([streamed.language, errorIn(streamed.text).message]).toEqual([
      "fr",
      expect.stringMatching(/^La requête est illisible/),
    ]);
  });
});

describe("what is cached", () => {
  const cases = () =>
    [
      ["product.byBarcode", { barcode: BARCODE }],
      ["additive.byCode", { code: "E471" }],
      ["store.byId", { id: storeId }],
      ["store.nearby", PLACE],
    ] as const;

  it("has a tag for each language, and answers 304 for its own alone", async () => {
    for (const [path, input] of cases()) {
      const answers = await Promise.all(LANGUAGES.map((one) => ask(get(path, input), one)));
      const tags = answers.map(({ etag }) => etag);
      expect([path, new Set(tags).size, tags.includes(null)]).toEqual([path, 3, false]);
      const [, fr = ""] = tags;
      const again = await ask(get(path, input), "fr", { headers: { "if-none-match": fr ?? "" } });
      expect([path, again.status, again.language]).toEqual([path, 304, "fr"]);
      const other = await ask(get(path, input), "ar", { headers: { "if-none-match": fr ?? "" } });
      expect([path, other.status]).toEqual([path, 200]);
    }
  });

  it("is one entry for all languages, whose bytes differ only where they are texts", async () => {
    const own = await stack.startInstance();
    const fetchIn = async (path: string, input: unknown, language: string) => {
      const response = await fetch(`${own.url}/trpc/${get(path, input)}`, {
        headers: { "accept-language": language },
      });
      return { text: await response.text(), state: response.headers.get("x-cache") };
    };
    for (const [path, input] of cases()) await fetchIn(path, input, "en");
    const { memory } = own.deps.metrics.cacheStats;
    const { size } = memory;
    for (const [path, input] of cases())
      for (const language of ["fr", "ar", "ar-EG", "de,fr;q=0.5"]) {
        const first = await fetchIn(path, input, language);
        expect([path, language, first.state]).toEqual([path, language, "HIT"]);
        expect((await fetchIn(path, input, language)).text).toBe(first.text);
      }
    expect(memory.size).toBe(size);
    if (stack.redisUrl === null) return;
    const redis = new Redis(stack.redisUrl);
    onTestFinished(() => redis.disconnect());
    const keys = await redis.keys(`*product:0${BARCODE}*`);
    expect(keys.filter((key) => !key.startsWith("lease:"))).toHaveLength(1);
  });
});

describe("texts", () => {
  it("reasons, additives and recalls are said in the caller's language, or say in which they are", async () => {
    const said = await Promise.all(
      LANGUAGES.map(async (language) => {
        const { text } = await ask(get("product.byBarcode", { barcode: BARCODE }), language);
        const { verdict, recalls } = (
          JSON.parse(text) as {
            result: {
              data: {
                verdict: { reasons: { message: string; language: string | null }[] };
                recalls: { title: string; risk: string; whatToDo: string; language: string }[];
              };
            };
          }
        ).result.data;
        return { reason: verdict.reasons[0], recall: recalls[0] };
      }),
    );
    expect(said.map(({ reason }) => [reason?.message, reason?.language])).toEqual([
      ["E471 (Glycerides) is doubtful.", "en"],
      ["E471 (Glycérides) : douteux.", "fr"],
      ["E471 (غليسريدات): مشكوك فيه.", "ar"],
    ]);
    const bread = {
      title: "Recall: bread",
      risk: "Cuts",
      whatToDo: "Bring it back",
      language: "en",
    };
    expect(said.map(({ recall }) => recall)).toMatchObject([
      bread,
      // The translation says nothing of what to do.
      { title: "Rappel : pain", risk: "Coupures", whatToDo: "Bring it back", language: "fr" },
      bread,
    ]);
    expect(said[1]?.recall).not.toHaveProperty("texts");
  });

  it("an additive's explanation is never translated by us: it says in which language it is", async () => {
    const explained = await Promise.all(
      LANGUAGES.map(async (language) => {
        const { text } = await ask(get("additive.byCode", { code: "E471" }), language);
        return (JSON.parse(text) as { result: { data: object } }).result.data;
      }),
    );
    expect(explained).toMatchObject([
      { explanation: "From fats.", explanationLanguage: "en" },
      { explanation: "De graisses.", explanationLanguage: "fr" },
      { explanation: "From fats.", explanationLanguage: "en" },
    ]);
  });

  it("scans that are recorded in one language are shown in that of whoever looks at them", async () => {
    const authorization = await bearer({ id: randomUUID() });
    const scan = { id: randomUUID(), barcode: BARCODE };
    await ask("scans.record", "fr", post(scan, { authorization }));
    const history = async (language: string) =>
      (await ask("scans.history", language, { headers: { authorization } })).text;
    expect(await history("en")).toContain("E471 (Glycerides) is doubtful.");
    expect(await history("ar")).toContain("E471 (غليسريدات): مشكوك فيه.");
    const exported = await ask("account.export", "fr", { headers: { authorization } });
    expect(exported.text).toContain("E471 (Glycérides) : douteux.");
    const refused = { scans: [{ id: "x", barcode: "12" }] };
    const { text } = await ask("scans.recordMany", "ar", post(refused, { authorization }));
    expect(text).toMatch(/"message":"[^"]*\p{Script=Arabic}/u);
  });

  it("an alert by its id is in the caller's language", async () => {
    const titles = await Promise.all(
      LANGUAGES.map(async (one) => (await ask(get("alerts.byId", { id: alertId }), one)).text),
    );
    expect(titles.map((text) => text.includes("Rappel : pain"))).toEqual([false, true, false]);
  });
});

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
