import { z } from "zod";
import { DEMO_ALERTS } from "../seed/demo/alerts.ts";
import { DEMO_BOYCOTT_TARGETS } from "../seed/demo/boycotts.ts";
import { demoBarcode } from "../seed/demo/products.ts";
import { deterministicUuid } from "../seed/demo/random.ts";

/** An input that a procedure accepts, run against the demo data. */
export interface Example {
  /** Undefined for a procedure without an input. */
  readonly input?: unknown;
  /** Fields whose values earlier answers gave: the procedure, then the keys that lead to the value. */
  readonly take?: Readonly<Record<string, readonly (string | number)[]>>;
}

const PARIS = { latitude: 48.8566, longitude: 2.3522 };
const STORE = deterministicUuid("store paris/0");
/** Sandwich bread with E471, of the brand Zaytara. */
const BREAD = demoBarcode(1, 4);
/** Fruit gums that the demo data recalls. */
const GUMS = demoBarcode(8, 1);
/** No product of the demo data has it. */
const NEW_PRODUCT = demoBarcode(90, 1);
const SCAN = "5ca00000-0000-4000-8000-000000000001";
const SECOND_SCAN = "5ca00000-0000-4000-8000-000000000002";
const REPORT = "4e9047ed-0000-4000-8000-000000000001";
const PUSH_TOKEN = "ExponentPushToken[example-of-the-reference]";

/** Examples that need rows of the demo data or earlier answers, and others, in an order in which all of them succeed. */
export const EXAMPLES: Readonly<Record<string, Example>> = {
  "store.nearby": { input: { ...PARIS, radiusKm: 2, limit: 5 } },
  "store.markers": { input: { ...PARIS, radiusKm: 5 } },
  "store.inBounds": {
    input: { west: 2.25, south: 48.81, east: 2.42, north: 48.91, limit: 5, openNow: true },
  },
  "store.byId": { input: { id: STORE } },
  "store.search": { input: { query: "boucherie", near: PARIS, limit: 5 } },
  "store.create": {
    input: { name: "Boucherie de l'exemple", storeType: "butcher", ...PARIS, city: "Paris" },
  },
  "store.update": {
    input: { openingHours: "Mo-Sa 09:00-19:00" },
    take: { id: ["store.create", "id"] },
  },
  "store.list": { input: { query: "boucherie", state: "shown", limit: 5 } },
  "store.remove": { input: {}, take: { id: ["store.create", "id"] } },
  "certifier.list": {},
  "certifier.byId": { input: { id: "avs" } },
  "certifier.upsert": { input: { id: "example", name: "Example Halal Council", country: "FR" } },
  "certifier.remove": { input: { id: "example" } },
  "boycott.list": {},
  "boycott.byId": { input: { id: DEMO_BOYCOTT_TARGETS[0]?.id } },
  "boycott.check": { input: { brand: "Brindlesnax®" } },
  "boycott.upsert": { input: { companyName: "Example Invented Foods", level: "community" } },
  "boycott.remove": { input: {}, take: { id: ["boycott.upsert", "id"] } },
  "additive.byCode": { input: { code: "e 471", madhab: "hanafi" } },
  "additive.forCodes": { input: { codes: ["E120", "E471", "E999"] } },
  "additive.search": { input: { query: "gelatin", limit: 5 } },
  "additive.upsert": {
    input: { code: "E999", names: { en: "Quillaia extract" }, halalStatus: "halal" },
  },
  "additive.remove": { input: { code: "E999" } },
  "product.byBarcode": { input: { barcode: BREAD } },
  "product.search": { input: { query: "fruit gums", limit: 5 } },
  "product.alternatives": { input: { barcode: GUMS, limit: 5 } },
  "product.upsert": {
    input: {
      barcode: NEW_PRODUCT,
      name: "Lentil soup",
      language: "en",
      ingredients: "Water, lentils, salt.",
    },
  },
  "product.list": { input: { isEdited: true, limit: 5 } },
  "product.remove": { input: { barcode: NEW_PRODUCT } },
  "scans.record": { input: { id: SCAN, barcode: GUMS, ...PARIS } },
  "scans.recordMany": { input: { scans: [{ id: SECOND_SCAN, barcode: BREAD }] } },
  "scans.history": { input: { limit: 5 } },
  "scans.stats": { input: { timeZone: "Europe/Paris" } },
  "scans.remove": { input: { id: SECOND_SCAN } },
  "favorites.add": { input: { kind: "store", id: STORE } },
  "favorites.sync": { input: { add: [{ kind: "product", barcode: BREAD }] } },
  "favorites.list": { input: { kind: "store", limit: 5 } },
  "favorites.refs": {},
  "favorites.remove": { input: { kind: "store", id: STORE } },
  "alerts.list": { input: { severity: "critical", limit: 5 } },
  "alerts.categories": {},
  "alerts.byId": { input: { id: DEMO_ALERTS[0]?.id } },
  "alerts.unread": {},
  "alerts.markRead": { input: { all: true } },
  "alerts.adminList": { input: { state: "shown", limit: 5 } },
  "alerts.publish": {
    input: {
      title: "An example",
      summary: "An alert that the reference publishes.",
      severity: "info",
      category: "news",
    },
  },
  "alerts.update": { input: { severity: "warning" }, take: { id: ["alerts.publish", "id"] } },
  "alerts.approve": { input: {}, take: { "ids.0": ["alerts.publish", "id"] } },
  "alerts.retract": { input: {}, take: { id: ["alerts.publish", "id"] } },
  "reports.guestToken": {},
  "reports.create": {
    input: {
      id: REPORT,
      kind: "wrong_status",
      barcode: BREAD,
      text: "The label names a plant as the origin.",
      proposed: { halalStatus: "halal" },
    },
  },
  "reports.mine": { input: { limit: 5 } },
  "reports.list": { input: { state: "open", limit: 5 } },
  "reports.resolve": {
    input: { outcome: "rejected", note: "The label does not say so." },
    take: { id: ["reports.list", "items", 0, "id"] },
  },
  "reports.eraseGuest": { input: {}, take: { guestToken: ["reports.guestToken", "guestToken"] } },
  "audit.list": { input: { limit: 5 } },
  "push.register": {
    input: { token: PUSH_TOKEN, platform: "ios", timeZone: "Europe/Paris", cell5: "u09tv" },
  },
  "push.preferences": { input: { quietHours: { from: "22:00", until: "07:00" } } },
  "push.unregister": { input: { token: PUSH_TOKEN } },
  "trending.products": { input: { limit: 5 } },
  "appConfig.get": {},
  "appConfig.update": {
    input: {
      platforms: {
        ios: {
          minimumVersion: "1.0.0",
          latestVersion: "1.2.0",
          storeUrl: "https://apps.apple.com/app/id0000000000",
        },
      },
      maintenance: null,
    },
  },
  "account.profile": {},
  "account.updateProfile": { input: { madhab: "shafii", allergens: [], avoidAdditives: ["E120"] } },
  "account.export": {},
  "account.erase": {},
};

/**
 * The example of a procedure: that of the list, else the first of its input's schema (`.meta({ examples: [{ … }] })`),
 * else a call without an input. Null where the procedure needs an input and nobody has given one.
 */
export function exampleOf(path: string, input: z.ZodType | undefined): Example | null {
  const listed = EXAMPLES[path];
  if (listed !== undefined || input === undefined) return listed ?? {};
  const [first] = (z.globalRegistry.get(input)?.["examples"] ?? []) as readonly unknown[];
  if (first !== undefined) return { input: first };
  return input.safeParse(undefined).success ? {} : null;
}
