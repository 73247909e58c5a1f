import { randomUUID } from "node:crypto";
import { pino } from "pino";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { OffLookUp } from "../../../src/import/look-up/look-up.ts";
import { loadOwnLexicon } from "../../../src/seed/lexicon/load.ts";
import {
  json,
  type OffReply,
  type OffStandIn,
  product,
  startOffStandIn,
} from "../../support/off-stand-in.ts";
import { openStack, type Instance, type Stack } from "../../support/stack.ts";
import { newBarcode } from "../../support/user-rows.ts";

const NUTS = {
  product_name: "Nuts",
  product_name_fr: "Noix",
  brands: "Acme",
  labels_tags: [],
  additives_tags: ["en:e330"],
  ingredients_text: "peanuts, salt",
  lang: "en",
  categories_tags: ["en:snacks", "en:nuts"],
  allergens_tags: ["en:peanuts"],
};
const LATE = { timeout: 20_000, interval: 100 };

let stack: Stack;
let off: OffStandIn;
/** One for most cases, because each instance builds the lexicon at its first look-up. */
let instance: Instance;

beforeAll(async () => {
  stack = await openStack();
  await loadOwnLexicon(stack.sql);
  off = await startOffStandIn();
  instance = await start(100);
});

afterAll(async () => {
  await stack.close();
  await off.close();
});

beforeEach(() => {
  off.asked.length = 0;
  off.reply = json({ status: 0 }, 404);
});

function start(perMinute: number): Promise<Instance> {
  const environment = {
    OFF_LOOKUP: "true",
    OFF_BASE_URL: off.url,
    OFF_LOOKUP_PER_MINUTE: String(perMinute),
  };
  return stack.startInstance({ environment });
}

const look = (at: Instance, barcode: string) => at.client.product.byBarcode.query({ barcode });

describe("an unknown barcode", () => {
  it("is not looked up unless that is asked for", async () => {
    const without = await stack.startInstance({ environment: { OFF_BASE_URL: off.url } });
    expect(await look(without, newBarcode())).toMatchObject({ product: null, lookup: null });
    expect(off.asked).toEqual([]);
    await without.close();
  });

  it("is answered at once, looked up once however many ask, and a product on the next look everywhere", async () => {
    const other = await stack.startInstance();
    const barcode = newBarcode();
    let release = () => {};
    off.reply = (response, code) => {
      release = () => product(NUTS)(response, code);
    };
    const answers = await Promise.all(Array.from({ length: 20 }, () => look(instance, barcode)));
    for (const answer of answers)
      expect(answer).toMatchObject({ product: null, lookup: "started" });
    const user = await instance.as({});
    const scan = await user.scans.record.mutate({ id: randomUUID(), barcode });
    expect(scan).toMatchObject({ product: null, lookup: "started" });
    await vi.waitFor(() => expect(off.asked).toEqual([barcode]), LATE);
    release();
    for (const at of [instance, other]) {
      await vi.waitFor(async () => {
        const answer = await look(at, barcode);
        expect(answer.verdict).toMatchObject({ halalStatus: "halal", basis: "ingredients" });
        expect(answer).toMatchObject({
          product: {
            barcode: `0${barcode}`,
            name: "Nuts",
            names: { en: "Nuts", fr: "Noix" },
            additives: ["E330"],
            allergens: ["en:peanuts"],
            categories: ["en:snacks", "en:nuts"],
            attribution: { name: "Open Food Facts" },
          },
          lookup: null,
        });
      }, LATE);
    }
    expect(off.asked).toEqual([barcode]);
    await other.close();
  });

  it("that Open Food Facts does not know either is asked for once, and one of a shop's own never", async () => {
    const barcode = newBarcode();
    await look(instance, barcode);
    await vi.waitFor(async () => expect((await look(instance, barcode)).lookup).toBeNull(), LATE);
    expect((await look(instance, newBarcode("200"))).lookup).toBeNull();
    expect(off.asked).toEqual([barcode]);
  });

  it("that an administrator has removed stays removed", async () => {
    const admin = await instance.as({ isAdmin: true });
    const barcode = newBarcode();
    await admin.product.upsert.mutate({ barcode, name: "Unwanted" });
    await admin.product.remove.mutate({ barcode });
    off.reply = product(NUTS);
    await vi.waitFor(async () => {
      await look(instance, barcode);
      expect(off.asked).toEqual([barcode]);
    }, LATE);
    await vi.waitFor(async () => expect((await look(instance, barcode)).lookup).toBeNull(), LATE);
    expect((await look(instance, barcode)).product).toBeNull();
  });

  it("waits for another minute when as many as are allowed were looked up", async () => {
    const limited = await start(2);
    const [first, second, third] = [newBarcode(), newBarcode(), newBarcode()];
    expect((await look(limited, first)).lookup).toBe("started");
    expect((await look(limited, second)).lookup).toBe("started");
    expect((await look(limited, third)).lookup).toBeNull();
    await vi.waitFor(() => expect(off.asked.toSorted()).toEqual([first, second].toSorted()), LATE);
    await limited.close();
  });
});

const HOSTILE: readonly (readonly [what: string, reply: OffReply])[] = [
  ["is of another type", (response) => void response.end("<html>")],
  [
    "is broken",
    (response) =>
      void response.writeHead(200, { "content-type": "application/json" }).end('{"product": {'),
  ],
  ["is too large", json({ status: 1, product: { ...NUTS, product_name: "x".repeat(3_000_000) } })],
  [
    "never ends",
    (response) => void response.writeHead(200, { "content-type": "application/json" }).write("{"),
  ],
  ["breaks off", (response) => void response.socket?.destroy()],
  ["is of another barcode", json({ status: 1, product: { ...NUTS, code: "4006381333931" } })],
  ["is no object", json([])],
  ["has no product", json({ status: 1 })],
  ["leads elsewhere", (response) => void response.writeHead(302, { location: off.url }).end()],
  ["is an error", json({ error: "busy" }, 503)],
];

describe("an answer of Open Food Facts that", () => {
  it.each(HOSTILE)("%s does no harm", async (_what, reply) => {
    const barcode = newBarcode();
    off.reply = reply;
    expect(await look(instance, barcode)).toMatchObject({ product: null, lookup: "started" });
    await vi.waitFor(async () => expect((await look(instance, barcode)).lookup).toBeNull(), LATE);
    expect((await look(instance, barcode)).product).toBeNull();
    expect(off.asked).toEqual([barcode]);
    off.reply = product(NUTS);
    const next = newBarcode();
    await look(instance, next);
    await vi.waitFor(
      async () => expect((await look(instance, next)).product?.name).toBe("Nuts"),
      LATE,
    );
  });

  it("has values of other types is stored as an import would, or not at all", async () => {
    const barcode = newBarcode();
    off.reply = product({
      product_name: "Nul \u0000 and \ud83d half",
      brands: { a: 1 },
      labels_tags: "en:vegan,en:halal",
      additives_tags: [1, null, "en:e330"],
      ingredients_text: ["water"],
      categories_tags: null,
      image_front_url: "javascript:alert(1)",
    });
    await look(instance, barcode);
    await vi.waitFor(async () => {
      const found = await look(instance, barcode);
      expect(found.product).toMatchObject({ imageUrl: null, additives: ["E330"] });
    }, LATE);
  });
});

describe("the circuit", () => {
  it("opens after three failures, and closes when Open Food Facts answers again", async () => {
    const { db, analyse, now } = instance.deps;
    const lines: string[] = [];
    const logger = pino({}, { write: (line: string) => void lines.push(line) });
    const options = { baseUrl: off.url, perMinute: 1_000, probeIntervalMs: 100 };
    const lookUp = new OffLookUp({ ...options, db, analyse, now, logger });
    const said = (text: string) =>
      vi.waitFor(() => expect(lines.filter((line) => line.includes(text))).toHaveLength(1), LATE);
    off.reply = json({ error: "busy" }, 503);
    for (let i = 0; i < 3; i += 1) expect(lookUp.lookUp(`0${newBarcode()}`)).toBe(true);
    await said("does not answer");
    const asked = new Set(off.asked);
    expect(asked.size).toBe(3);
    expect(lookUp.lookUp(`0${newBarcode()}`)).toBe(false);
    await vi.waitFor(() => expect(off.asked.length).toBeGreaterThan(4), LATE);
    // Only probes came since.
    expect(new Set(off.asked)).toEqual(asked);
    off.reply = product(NUTS);
    await said("is back");
    expect(lookUp.lookUp(`0${newBarcode()}`)).toBe(true);
    await lookUp.close();
  });
});
