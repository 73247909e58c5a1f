import { randomUUID } from "node:crypto";
import { createTRPCClient, httpBatchLink, httpLink } from "@trpc/client";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ERROR_REASONS } from "../../../src/error-reasons.ts";
import type { ErrorData } from "../../../src/trpc/error-data.ts";
import type { AppRouter } from "../../../src/trpc/router.ts";
import { openStack, type Instance, type Stack } from "../../support/stack.ts";
import { bearer } from "../../support/tokens.ts";

let stack: Stack;
let instance: Instance;

beforeAll(async () => {
  stack = await openStack();
  instance = await stack.startInstance();
});

afterAll(() => stack.close());

interface ErrorBody {
  readonly message: string;
  readonly data: {
    readonly code: string;
    readonly reason: string;
    readonly issues?: ErrorData["issues"];
  };
}

async function errorOf(path: string, init: RequestInit = {}): Promise<ErrorBody> {
  const response = await fetch(`${instance.url}/trpc/${path}`, init);
  return ((await response.json()) as { error: ErrorBody }).error;
}

const get = (procedure: string, input: unknown) =>
  `${procedure}?input=${encodeURIComponent(JSON.stringify(input))}`;
const post = (input: unknown, headers: Record<string, string> = {}): RequestInit => ({
  method: "POST",
  headers: { "content-type": "application/json", ...headers },
  body: JSON.stringify(input),
});

it("names the reason of each failure in `data.reason`, from a closed list", async () => {
  const user = await bearer();
  const admin = await bearer({ isAdmin: true });
  const wrongDigit = { barcode: "3017620422004" };
  const cases: readonly (readonly [reason: string, path: string, init?: RequestInit])[] = [
    ["malformed_request", "store.nearby?input=%7B"],
    ["invalid_input", get("store.nearby", { latitude: 91, longitude: 0 })],
    ["unknown_input", get("store.nearby", { latitude: 1, longitude: 2, openLate: true })],
    ["barcode_check_digit", get("product.byBarcode", wrongDigit)],
    ["barcode_unreadable", get("product.byBarcode", { barcode: "abc" })],
    ["barcode_check_digit", get("boycott.check", wrongDigit)],
    [
      "barcode_check_digit",
      "scans.record",
      post({ id: randomUUID(), ...wrongDigit }, { authorization: user }),
    ],
    ["e_number_unreadable", get("additive.byCode", { code: "E0" })],
    [
      "e_number_unreadable",
      "product.upsert",
      post({ barcode: "3017620422003", additives: ["E0"] }, { authorization: admin }),
    ],
    ["cursor_invalid", get("alerts.list", { cursor: "none" })],
    ["method_not_supported", get("scans.remove", {})],
    ["no_procedure", "store.burn"],
    ["not_found", get("store.byId", { id: randomUUID() })],
    ["not_found", get("additive.byCode", { code: "E999" })],
    ["token_missing", "scans.history"],
    ["token_invalid", "scans.history", { headers: { authorization: "Bearer a.b.c" } }],
    ["not_admin", "alerts.adminList", { headers: { authorization: user } }],
    ["body_too_large", "scans.record", post("x".repeat(70_000), { authorization: user })],
  ];
  for (const [reason, path, init] of cases) {
    const { data } = await errorOf(path, init);
    expect([path, data.reason]).toEqual([path, reason]);
    expect(ERROR_REASONS).toContain(data.reason);
  }
});

it("lists the faults of an input by field in `data.issues`", async () => {
  const { data, message } = await errorOf(
    get("store.nearby", { latitude: 91, longitude: "x", limit: 0 }),
  );
  expect(data.issues).toEqual([
    { path: "latitude", code: "too_big", message: expect.any(String) },
    { path: "longitude", code: "invalid_type", message: expect.any(String) },
    { path: "limit", code: "too_small", message: expect.any(String) },
  ]);
  for (const issue of data.issues ?? [])
    expect(message).toContain(`${issue.path}: ${issue.message}`);
});

it("names the field of a fault that only the procedure can see", async () => {
  const { data } = await errorOf(get("alerts.list", { cursor: "none" }));
  expect(data.issues).toEqual([
    { path: "cursor", code: "cursor_invalid", message: "not one that this list gave" },
  ]);
});

it("takes null for a field that is not given, and what tRPC's infinite queries add", async () => {
  const place = { latitude: 48.85, longitude: 2.35 };
  const answerTo = async (procedure: string, input: unknown) =>
    await (await fetch(`${instance.url}/trpc/${get(procedure, input)}`)).json();
  const nulls = { storeType: null, radiusKm: null, limit: null, halalCertifiedOnly: null };
  expect(await answerTo("store.nearby", { ...place, ...nulls })).toEqual(
    await answerTo("store.nearby", place),
  );
  expect(await answerTo("alerts.list", { limit: 3, direction: "forward", cursor: null })).toEqual(
    await answerTo("alerts.list", { limit: 3 }),
  );
});

it("gives the reason on streamed answers, which tRPC's own handler resolves", async () => {
  const response = await fetch(`${instance.url}/trpc/store.burn?batch=1&input=%7B%7D`, {
    headers: { "trpc-accept": "application/jsonl" },
  });
  expect(await response.text()).toContain('"reason":"no_procedure"');
});

it("answers queries by POST, as links with `methodOverride` send them", async () => {
  const options = { url: `${instance.url}/trpc`, methodOverride: "POST" } as const;
  const byGet = createTRPCClient<AppRouter>({ links: [httpLink({ url: options.url })] });
  const single = createTRPCClient<AppRouter>({ links: [httpLink(options)] });
  const batch = createTRPCClient<AppRouter>({ links: [httpBatchLink(options)] });
  const place = { latitude: 48.85, longitude: 2.35 };
  const stores = await byGet.store.nearby.query(place);
  expect(await single.store.nearby.query(place)).toEqual(stores);
  expect(
    await Promise.all([batch.store.nearby.query(place), batch.certifier.list.query()]),
  ).toEqual([stores, await byGet.certifier.list.query()]);
});
