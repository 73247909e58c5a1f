import { isDeepStrictEqual } from "node:util";
import { describe, expect, it, vi } from "vitest";
import {
  findOpeningHoursProblem,
  openingStateAt,
} from "../../../../src/features/store/opening-hours.ts";

const KARACHI = { timeZone: "Asia/Karachi", latitude: 24.86, longitude: 67.01, country: "PK" };
const PARIS = { timeZone: "Europe/Paris", latitude: 48.86, longitude: 2.35, country: "FR" };
/** A Saturday; 12:30 UTC is 17:30 in Karachi and 13:30 in Paris. */
const SATURDAY_NOON = Date.UTC(2026, 10, 21, 12, 30);

describe("openingStateAt", () => {
  it("reads opening hours in the time zone of the place", () => {
    const openingHours = "Sa 09:00-17:00";
    expect(openingStateAt({ ...KARACHI, openingHours }, SATURDAY_NOON).isOpen).toBe(false);
    expect(openingStateAt({ ...PARIS, openingHours }, SATURDAY_NOON).isOpen).toBe(true);
  });

  it("returns when a place closes, and checks hours that never change once a day", () => {
    const soon = openingStateAt({ ...PARIS, openingHours: "Sa 09:00-14:00" }, SATURDAY_NOON);
    const closesAtMs = SATURDAY_NOON + 30 * 60_000;
    expect(soon).toEqual({ isOpen: true, changesAtMs: closesAtMs, untilMs: closesAtMs });
    const always = openingStateAt({ ...PARIS, openingHours: "24/7" }, SATURDAY_NOON);
    const midnight = Date.UTC(2026, 10, 22);
    expect(always).toEqual({ isOpen: true, changesAtMs: null, untilMs: midnight });
  });

  it("understands hours past midnight and breaks for the Friday prayer", () => {
    const friday = Date.UTC(2026, 10, 20, 8, 15);
    const withBreak = "Mo-Su 10:00-23:00; Fr 10:00-13:00,14:30-23:00";
    expect(openingStateAt({ ...KARACHI, openingHours: withBreak }, friday).isOpen).toBe(false);
    const lateNight = Date.UTC(2026, 10, 21, 20, 30);
    expect(openingStateAt({ ...KARACHI, openingHours: "Sa 18:00-02:00" }, lateNight).isOpen).toBe(
      true,
    );
  });

  it.each(["sunrise-sunset", "daylight", "(sunrise+00:30)-20:00"])(
    "computes the sun's times for the place of the store: %s",
    (openingHours) => {
      const alone = { ...PARIS, latitude: 60, longitude: 25, timeZone: "Europe/Helsinki" };
      const north = { ...alone, latitude: 69 };
      const morning = Date.UTC(2026, 10, 21, 7, 45);
      expect(openingStateAt({ ...alone, openingHours }, morning).isOpen).toBe(true);
      expect(openingStateAt({ ...north, openingHours }, morning).isOpen).toBe(false);
    },
  );

  it("returns null for a day that may be an unknown holiday, and writes nothing to the console", () => {
    const at = (openingHours: string, hour: number, country: string | null = "MA") =>
      openingStateAt(
        { ...KARACHI, country, openingHours },
        // 17 November 2026 is a Tuesday, and 5 hours later in Karachi.
        Date.UTC(2026, 10, 17, hour - 5),
      ).isOpen;
    const printed = [vi.spyOn(console, "error"), vi.spyOn(console, "warn")];
    for (const country of ["MA", "EG", "XX", null]) {
      for (const hours of [
        "Mo-Su 09:00-20:00; PH off",
        "Mo-Su 09:00-20:00, PH off",
        "Mo-Su 09:00-20:00; SH,PH off",
        "Mo-Su 09:00-20:00; PH 21:00-23:00",
        "PH off; Mo-Su 09:00-20:00; PH closed",
      ]) {
        expect([country, hours, at(hours, 12, country)]).toEqual([country, hours, null]);
        expect([country, hours, at(hours, 5, country)]).toEqual([country, hours, false]);
      }
      expect(at("Mo-Su,PH 09:00-20:00", 12, country)).toBe(true);
      expect(at("Mo-Fr 09:00-20:00; Sa,Su,PH off", 12, country)).toBeNull();
      expect(at("We,Th,PH 09:00-20:00", 5, country)).toBe(false);
      expect(at("Mo-Su 09:00-20:00; PH 10:00-14:00", 12, country)).toBe(true);
      expect(at("Mo-Su 09:00-20:00; PH 10:00-14:00", 16, country)).toBeNull();
      expect(at("PH off", 12, country)).toBe(false);
      expect(at('Mo-Su 09:00-20:00 open "not PH"', 12, country)).toBe(true);
      expect(at("Mo-Su 09:00-20:00; PH -1 day off", 12, country)).toBeNull();
    }
    expect(printed.flatMap(({ mock }) => mock.calls)).toEqual([]);
    for (const one of printed) one.mockRestore();
  });

  it("uses the holidays of countries that the library has", () => {
    const openingHours = "Mo-Su 09:00-20:00; PH off";
    const onDay = (month: number, day: number) =>
      openingStateAt({ ...PARIS, openingHours }, Date.UTC(2026, month - 1, day, 11)).isOpen;
    expect(onDay(7, 14)).toBe(false);
    expect(onDay(7, 15)).toBe(true);
  });

  it("ends a night by its own rule, even if the next day has another rule", () => {
    // 20 November 2026 is a Friday; Paris is an hour ahead of UTC.
    const at = (openingHours: string, day: number, hour: number) =>
      openingStateAt({ ...PARIS, openingHours }, Date.UTC(2026, 10, day, hour - 1)).isOpen;
    const changing = "Tu-Th 07:00-04:00; Fr-Su 09:00-17:00";
    expect(at(changing, 20, 2)).toBe(true);
    expect(at(changing, 20, 5)).toBe(false);
    expect(at(changing, 20, 10)).toBe(true);
    expect(at(changing, 21, 2)).toBe(false);
    expect(at(changing, 17, 2)).toBe(false);
    expect(at("Mo-Th 18:00-02:00; Fr off; Sa,Su 18:00-02:00", 20, 1)).toBe(true);
    expect(at("Mo-Th 18:00-02:00; Fr off; Sa,Su 18:00-02:00", 20, 19)).toBe(false);
    expect(at(`${changing}; PH off`, 20, 2)).toBe(true);
    // A day that is spoken of again is replaced, its night as well.
    expect(at("Mo-Su 18:00-02:00; Fr 10:00-12:00", 20, 19)).toBe(false);
  });

  it.each(["by appointment", "when the moon is up", "Sa 25:99"])(
    "returns null for %s",
    (openingHours) => {
      const state = { isOpen: null, changesAtMs: null };
      expect(openingStateAt({ ...PARIS, openingHours }, SATURDAY_NOON)).toMatchObject(state);
    },
  );

  it("returns null for an unknown time zone", () => {
    const place = { ...PARIS, timeZone: "Mars/Olympus", openingHours: "24/7" };
    expect(openingStateAt(place, SATURDAY_NOON).isOpen).toBeNull();
  });
});

describe("the next change that openingStateAt returns", () => {
  const HOURS = ["Mo-Su 18:00-02:30", "Su 01:30-02:15,03:00-04:00", "Mo-Sa 09:00-20:00"];
  const utc = (text: string) => Date.parse(`${text}Z`);
  const NEW_YORK = {
    timeZone: "America/New_York",
    latitude: 40.7,
    longitude: -74,
    country: "US",
  };
  const LORD_HOWE = {
    timeZone: "Australia/Lord_Howe",
    latitude: -31.5,
    longitude: 159,
    country: "AU",
  };

  it.each([
    ["on the same day", PARIS, "Mo-Su 10:00-22:00", "2026-11-21T12:00", true, "2026-11-21T21:00"],
    ["after midnight", PARIS, "Mo-Su 18:00-02:00", "2026-11-21T23:30", true, "2026-11-22T01:00"],
    ["after a day off", PARIS, "Mo-Sa 09:00-20:00", "2026-11-21T20:00", false, "2026-11-23T08:00"],
    [
      "where two spans touch",
      PARIS,
      "Sa 09:00-12:00,12:00-14:00",
      "2026-11-21T10:00",
      true,
      "2026-11-21T13:00",
    ],
    [
      "on a public holiday",
      PARIS,
      "Mo-Su 09:00-20:00; PH off",
      "2026-07-13T19:00",
      false,
      "2026-07-15T07:00",
    ],
    ["not within two weeks", PARIS, "Apr-Oct Mo-Su 12:00-23:00", "2026-11-21T12:00", false, null],
    [
      "then by appointment",
      PARIS,
      'Sa 09:00-14:00; Sa 14:00-18:00 "call"',
      "2026-11-21T14:00",
      null,
      null,
    ],
    // Clocks go forward at 01:00 UTC on 29 March 2026 and back at 01:00 UTC on 25 October.
    ["past a lost hour", PARIS, "Mo-Su 18:00-04:00", "2026-03-28T20:00", true, "2026-03-29T02:00"],
    ["in the lost hour", PARIS, "Mo-Su 18:00-02:30", "2026-03-28T20:00", true, "2026-03-29T01:00"],
    [
      "before a lost span",
      PARIS,
      "Su 02:15-02:45,10:00-12:00",
      "2026-03-29T00:30",
      false,
      "2026-03-29T08:00",
    ],
    [
      "past an hour twice",
      PARIS,
      "Mo-Su 18:00-04:00",
      "2026-10-24T20:00",
      true,
      "2026-10-25T03:00",
    ],
    ["in the first hour", PARIS, "Mo-Su 18:00-02:30", "2026-10-24T20:00", true, "2026-10-25T00:30"],
    [
      "again in the second",
      PARIS,
      "Mo-Su 18:00-02:30",
      "2026-10-25T00:45",
      false,
      "2026-10-25T01:00",
    ],
    ["days after a shift", PARIS, "Mo 09:00-10:00", "2026-03-27T12:00", false, "2026-03-30T07:00"],
    ["in the west", NEW_YORK, "Mo-Su 09:00-21:00", "2026-03-08T02:30", false, "2026-03-08T13:00"],
    [
      "by half an hour",
      LORD_HOWE,
      "Mo-Su 09:00-17:00",
      "2026-10-03T12:00",
      false,
      "2026-10-03T22:00",
    ],
  ])("%s", (_when, place, openingHours, at, isOpen, changesAt) => {
    expect(openingStateAt({ ...place, openingHours }, utc(at))).toMatchObject({
      isOpen,
      changesAtMs: changesAt === null ? null : utc(changesAt),
    });
  });

  it("agrees with the local clock at every minute of a day on which the clock is changed", () => {
    const wrong: object[] = [];
    for (const place of [PARIS, NEW_YORK, LORD_HOWE, KARACHI]) {
      for (const openingHours of HOURS) {
        for (const day of ["2026-03-08", "2026-03-29", "2026-04-04", "2026-10-03", "2026-10-25"]) {
          const from = utc(`${day}T00:00`) - 6 * 3_600_000;
          let last = openingStateAt({ ...place, openingHours }, from);
          for (let at = from; at < from + 36 * 3_600_000; at += 300_000) {
            const state = openingStateAt({ ...place, openingHours }, at);
            // The previous state holds until the instant that it named, and not longer.
            const isKept = at < last.untilMs;
            const isRight = isKept
              ? isDeepStrictEqual(state, last)
              : last.changesAtMs === null || state.isOpen !== last.isOpen;
            if (!isRight) wrong.push({ place, openingHours, at: new Date(at), state, last });
            last = state;
          }
        }
      }
    }
    expect(wrong).toEqual([]);
  });
});

it("findOpeningHoursProblem names what is wrong", () => {
  expect(findOpeningHoursProblem("Mo-Fr 09:00-17:00; PH off")).toBeNull();
  expect(findOpeningHoursProblem("Mo-Fr 09:00-")).not.toBeNull();
});
