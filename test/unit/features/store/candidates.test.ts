import { randomUUID } from "node:crypto";
import { expect, it } from "vitest";
import {
  answerFrom,
  buildCandidates,
  type CellQuestion,
} from "../../../../src/features/store/candidates.ts";
import {
  decodeCandidates,
  encodeCandidates,
} from "../../../../src/features/store/candidates-codec.ts";
import { cellBounds } from "../../../../src/geo/cell.ts";
import { languagesOfTags } from "../../../../src/trpc/languages.ts";

const CELL = cellBounds("u09tvw");
const MORNING = Date.parse("2026-11-27T07:00:00Z");
const NOON = Date.parse("2026-11-27T12:00:00Z");

/** A store whose texts look like the keys that its JSON is taken apart by. */
const STORE = {
  id: randomUUID(),
  name: ',"latitude":',
  ...CELL.center,
  storeType: "butcher",
  halalCertified: true,
  address: ',"names":{}',
  city: ',"openingHours":',
  postalCode: null,
  country: "FR",
  phone: null,
  website: ',"address":',
  imageUrl: null,
  certifierId: "avs",
  averageRating: 4.5,
  halalClaim: null,
  certifierName: "À Votre Service",
  reviewCount: 10,
};
const HIDDEN = {
  names: { ar: 'متجر "1"', "fr-CA": ',"latitude":é' },
  openingHours: "Mo-Su 09:00-20:00",
  timeZone: "Europe/Paris",
};
const JSON_TEXT = Buffer.from(JSON.stringify({ ...STORE, ...HIDDEN }));
const ROWS = [{ ...STORE, start: 0, end: JSON_TEXT.length }];
const LIMITS = { limit: 100, radiusMeters: 5000 };
const built = () =>
  buildCandidates(CELL, { stores: ROWS, json: JSON_TEXT, reachMeters: 5000 }, LIMITS);
const OPEN = { isOpenNow: true, opensAt: null, closesAt: "2026-11-27T19:00:00.000Z" };
const CLOSED = { isOpenNow: false, opensAt: "2026-11-27T08:00:00.000Z", closesAt: null };

function ask(entry: ReturnType<typeof built>, nowMs: number, tags: readonly string[] = []) {
  const question: CellQuestion = { ...LIMITS, languages: languagesOfTags(tags), nowMs };
  const nearby = answerFrom(entry, "nearby", CELL.center, question);
  const marker = answerFrom(entry, "marker", CELL.center, question);
  const itemOf = ({ bytes }: typeof nearby) =>
    (JSON.parse(bytes.data.toString()) as { items: unknown[] }).items[0];
  return { nearby: itemOf(nearby), marker: itemOf(marker), untilMs: nearby.untilMs };
}

it("shows a store whose texts look like keys, by all of its names, also after a stay in Redis", () => {
  for (const entry of [built(), decodeCandidates(encodeCandidates(built()))]) {
    const { nearby, marker } = ask(entry, NOON);
    expect(nearby).toEqual({ ...STORE, ...OPEN, distance: 0 });
    const { id, name, latitude, longitude, storeType, halalCertified } = STORE;
    const keys = { id, name, latitude, longitude, storeType, halalCertified };
    expect(marker).toEqual({ ...keys, distance: 0 });
    for (const tag of ["ar", "fr-CA"] as const) {
      const named = ask(entry, NOON, ["de", tag]);
      expect(named.nearby).toMatchObject({ name: HIDDEN.names[tag], city: STORE.city });
      expect(named.marker).toMatchObject({ name: HIDDEN.names[tag], storeType });
    }
    expect(ask(entry, NOON, ["de"]).nearby).toMatchObject({ name: STORE.name });
  }
});

it("shows the state of the moment, also when the clock goes back", () => {
  const entry = built();
  for (const _ of [1, 2]) {
    expect(ask(entry, MORNING)).toMatchObject({ nearby: CLOSED, untilMs: MORNING + 3_600_000 });
    expect(ask(entry, NOON)).toMatchObject({ nearby: OPEN, untilMs: NOON + 7 * 3_600_000 });
  }
});

it("gives the same bytes as text, alone and as a batch of one", () => {
  const question = { ...LIMITS, languages: languagesOfTags([]), nowMs: NOON };
  const { bytes } = answerFrom(built(), "nearby", CELL.center, question);
  expect(Buffer.from(bytes.resultText, "latin1")).toEqual(bytes.result);
  expect(Buffer.from(bytes.batchText, "latin1")).toEqual(bytes.batchOfOne);
  expect(bytes.byteLength).toBe(bytes.batchOfOne.length);
  expect(JSON.parse(bytes.batchOfOne.toString())).toEqual([
    { result: { data: { items: [{ ...STORE, ...OPEN, distance: 0 }] } } },
  ]);
});
