import { randomUUID } from "node:crypto";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { Cache } from "../../../src/cache/cache.ts";
import type { CachedQuery } from "../../../src/cache/policy.ts";
import { CacheStats } from "../../../src/cache/stats.ts";
import { MADHABS } from "../../../src/db/tables/vocabulary.ts";
import { additivesPolicy } from "../../../src/features/additive/policies.ts";
import type { AdditiveRow } from "../../../src/features/additive/queries.ts";
import { boycottPolicy } from "../../../src/features/boycott/policies.ts";
import type { KeyedTarget } from "../../../src/features/boycott/queries.ts";
import { certifiersPolicy } from "../../../src/features/certifier/policies.ts";
import type { Certifier } from "../../../src/features/certifier/schemas.ts";
import { storePolicy } from "../../../src/features/store/policies.ts";
import type { StoreRow } from "../../../src/features/store/queries.ts";
import { encodeBody } from "../../../src/http/compression.ts";
import { VARIANTS_KEPT } from "../../../src/trpc/fast-query.ts";
import { NO_LANGUAGES } from "../../../src/trpc/languages.ts";
import { createProcedureTable } from "../../../src/trpc/procedure-table.ts";
import { appRouter } from "../../../src/trpc/router.ts";
import { reportFigures } from "../../support/calls.ts";
import { JournalDouble } from "../../support/journal-double.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

const PROCEDURES = createProcedureTable(appRouter);

const attribution = {
  name: "OpenStreetMap",
  licence: "ODbL-1.0",
  attribution: "© OpenStreetMap contributors",
  url: "https://www.openstreetmap.org/copyright",
};
const createdAt = "2026-01-01T00:00:00.000Z";
const stamps = { createdAt, updatedAt: createdAt };

function store(id: string, i: number): StoreRow {
  return {
    id,
    name: `Boucherie Al Baraka ${i}`,
    storeType: "butcher",
    address: `${i} rue de la République`,
    city: "Saint-Denis",
    postalCode: "93200",
    country: "FR",
    phone: `+33 1 42 43 ${i}`,
    website: `https://boucherie-${i}.example.org/`,
    imageUrl: null,
    latitude: 48.9 + i * 1e-6,
    longitude: 2.35 + i * 1e-6,
    halalCertified: true,
    halalClaim: null,
    names: {},
    otherNames: [],
    certifierId: "avs",
    certifierName: "AVS",
    averageRating: 4.5,
    description: null,
    openingHours: "Mo-Sa 08:00-20:00",
    timeZone: "Europe/Paris",
    reviewCount: 12,
    source: "osm",
    ...stamps,
    attribution,
  };
}

function additive(i: number): AdditiveRow {
  return {
    code: `E${i}`,
    names: { en: `Additive number ${i}`, fr: `Additif numéro ${i}`, ar: `مادة مضافة ${i}` },
    category: "emulsifier",
    origin: "mixed",
    halalStatus: "doubtful",
    source: "a council",
    explanation: `It may come from an animal, or not ${i}`,
    explanationLanguage: "en",
    explanationTexts: { fr: `Il peut venir d'un animal, ou non ${i}` },
    vegan: "maybe",
    vegetarian: "maybe",
    parents: [],
    attribution,
    dataSourceId: "off",
    ...stamps,
    rulings: MADHABS.map((madhab) => ({
      madhab,
      halalStatus: "doubtful",
      explanation: `The school ${madhab} says so of ${i}`,
      explanationLanguage: "en",
      explanationTexts: {},
      source: "a book",
    })),
  };
}

function target(i: number): KeyedTarget {
  return {
    id: randomUUID(),
    companyName: `Company ${i}`,
    brands: [`Brand ${i}`, `Other ${i}`],
    parentCompany: null,
    level: "official",
    reasons: [`A reason of ${i}`],
    active: true,
    sourceUrl: `https://example.org/${i}`,
    gtinPrefixes: [String(3_000_000 + i)],
    ...stamps,
    keys: {
      company: [`company${i}`],
      brands: [`brand${i}`, `other${i}`],
      parent: [],
      match: [`brand${i}`, `company${i}`, `other${i}`],
    },
  };
}

function certifier(i: number): Certifier {
  return {
    id: `certifier-${i}`,
    name: `Certifier number ${i}`,
    country: "FR",
    trustScore: 80,
    website: `https://certifier-${i}.example.org/`,
    ...stamps,
    trustCriteria: [{ criterion: `Is there at each slaughter ${i}`, met: true, points: 40 }],
  };
}

const many = <T>(count: number, make: (i: number) => T) =>
  Array.from({ length: count }, (_, i) => make(i));

/** Creates the i-th entry, and sends its answers as to phones. */
type Fill = (cache: Cache, double: JournalDouble, i: number) => Promise<void>;

interface Kind {
  readonly entries: number;
  readonly fill: (isCompressed: boolean) => Fill;
}

function kind<P, V>(
  policy: CachedQuery<P, V>,
  path: string,
  {
    entries,
    make,
    inputs,
  }: {
    entries: number;
    make: (i: number) => { parameters: P; value: V };
    inputs: (parameters: P) => readonly unknown[];
  },
): Kind {
  return {
    entries,
    fill: (isCompressed) => async (cache, double, i) => {
      const { parameters, value } = make(i);
      // Like a row from the database, with its own strings.
      const read = JSON.parse(JSON.stringify(value)) as V;
      await cache.get(policy, parameters, () =>
        Promise.resolve({ value: read, snapshot: double.snapshot() }),
      );
      for (const input of inputs(parameters)) {
        const answer = PROCEDURES.get(path)
          ?.fast?.parse(input)
          ?.peek(cache, Date.now(), NO_LANGUAGES);
        if (answer === undefined) throw new Error("not at hand");
        if (isCompressed) encodeBody(answer.bytes.batchOfOne, "br");
        else void answer.bytes.batchText;
      }
    },
  };
}

const KINDS = {
  "store.byId": kind(storePolicy, "store.byId", {
    entries: 6_000,
    make: (i) => {
      const id = randomUUID();
      return { parameters: { id }, value: store(id, i) };
    },
    inputs: ({ id }) => [{ id }],
  }),
  "store.byId of nothing": kind(storePolicy, "store.byId", {
    entries: 20_000,
    make: () => ({ parameters: { id: randomUUID() }, value: null }),
    inputs: () => [],
  }),
  "additive.byCode": kind(additivesPolicy, "additive.byCode", {
    entries: 1_300,
    make: (i) => ({ parameters: { codes: [`E${100 + i}`] as const }, value: additive(100 + i) }),
    inputs: ({ codes: [code] }) =>
      ["en", "fr"]
        .flatMap((locale) => [undefined, ...MADHABS].map((madhab) => ({ code, madhab, locale })))
        .slice(0, VARIANTS_KEPT),
  }),
  "boycott.list": kind(boycottPolicy, "boycott.list", {
    entries: 1,
    make: () => ({ parameters: null, value: { targets: many(10_000, target), isWhole: true } }),
    inputs: () => [undefined],
  }),
  "certifier.list": kind(certifiersPolicy, "certifier.list", {
    entries: 1,
    make: () => ({ parameters: null, value: many(10_000, certifier) }),
    inputs: () => [undefined],
  }),
};

async function usedBytes(): Promise<number> {
  for (let i = 0; i < 4; i += 1) {
    collect();
    // Buffers are released after the collection.
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

describe("the memory tier", () => {
  it.each(
    Object.entries(KINDS).flatMap(([name, { entries, fill }]) => [
      [name, "as text", entries, fill(false)] as const,
      [name, "compressed", entries, fill(true)] as const,
    ]),
  )("counts about what %s takes, sent %s", async (name, how, entries, fill) => {
    const double = new JournalDouble();
    await double.journal.sync();
    const open = () => {
      const stats = new CacheStats();
      const memoryBytesMax = 1024 ** 3;
      const { journal } = double;
      return {
        stats,
        cache: new Cache({ memoryBytesMax, redis: null, journal, stats, nowMs: Date.now }),
      };
    };
    // Allocations of the first entry are not all its own.
    await fill(open().cache, double, 0);
    const { stats, cache } = open();
    const usedBefore = await usedBytes();
    for (let i = 0; i < entries; i += 1) {
      if (i % 50 === 0) await double.journal.sync();
      await fill(cache, double, i);
    }
    const used = (await usedBytes()) - usedBefore;
    const counted = stats.memory.bytes;
    reportFigures(`memory of ${name} ${how}`, {
      usedEach: used / entries,
      countedEach: counted / entries,
      ratio: used / counted,
      entries: stats.memory.size,
    });
    expect(stats.memory.size).toBe(entries);
    expect(used / counted).toBeLessThan(1.35);
    expect(used / counted).toBeGreaterThan(0.4);
  });
});
