import { describe, expect, it } from "vitest";
import {
  findOpeningHoursProblem,
  openingStateAt,
} from "../../../../src/features/store/opening-hours.ts";

const KARACHI = { timeZone: "Asia/Karachi", latitude: 24.86, longitude: 67.01, country: "PK" };
const PARIS = { timeZone: "Europe/Paris", latitude: 48.86, longitude: 2.35, country: "FR" };
/** A Saturday; 12:30 UTC is 17:30 in Karachi and 13:30 in Paris. */
const SATURDAY_NOON = Date.UTC(2026, 10, 21, 12, 30);

describe("openingStateAt", () => {
  it("reads hours on the clock of the place's own time zone", () => {
    const openingHours = "Sa 09:00-17:00";
    expect(openingStateAt({ ...KARACHI, openingHours }, SATURDAY_NOON)?.isOpen).toBe(false);
    expect(openingStateAt({ ...PARIS, openingHours }, SATURDAY_NOON)?.isOpen).toBe(true);
  });

  it("says until when that holds, and looks again within the hour", () => {
    const soon = openingStateAt({ ...PARIS, openingHours: "Sa 09:00-14:00" }, SATURDAY_NOON);
    expect(soon).toEqual({ isOpen: true, untilMs: SATURDAY_NOON + 30 * 60_000 });
    const always = openingStateAt({ ...PARIS, openingHours: "24/7" }, SATURDAY_NOON);
    expect(always).toEqual({ isOpen: true, untilMs: SATURDAY_NOON + 60 * 60_000 });
  });

  it("knows hours past midnight and breaks for the Friday prayer", () => {
    const friday = Date.UTC(2026, 10, 20, 8, 15);
    const withBreak = "Mo-Su 10:00-23:00; Fr 10:00-13:00,14:30-23:00";
    expect(openingStateAt({ ...KARACHI, openingHours: withBreak }, friday)?.isOpen).toBe(false);
    const lateNight = Date.UTC(2026, 10, 21, 20, 30);
    expect(openingStateAt({ ...KARACHI, openingHours: "Sa 18:00-02:00" }, lateNight)?.isOpen).toBe(
      true,
    );
  });

  it.each(["sunrise-sunset", "daylight", "(sunrise+00:30)-20:00"])(
    "asks the sun at each place: %s",
    (openingHours) => {
      const alone = { ...PARIS, latitude: 60, longitude: 25, timeZone: "Europe/Helsinki" };
      const north = { ...alone, latitude: 69 };
      const morning = Date.UTC(2026, 10, 21, 7, 45);
      expect(openingStateAt({ ...alone, openingHours }, morning)?.isOpen).toBe(true);
      expect(openingStateAt({ ...north, openingHours }, morning)?.isOpen).toBe(false);
    },
  );

  it("reads hours with public holidays also where it knows none", () => {
    const openingHours = "Mo-Su 09:00-20:00; PH off";
    for (const country of ["MA", null]) {
      expect(openingStateAt({ ...PARIS, country, openingHours }, SATURDAY_NOON)?.isOpen).toBe(true);
    }
  });

  it.each(["by appointment", "when the moon is up", "Sa 25:99"])(
    "gives null for %s",
    (openingHours) => {
      expect(openingStateAt({ ...PARIS, openingHours }, SATURDAY_NOON)).toBeNull();
    },
  );

  it("gives null for a time zone that nobody knows", () => {
    const place = { ...PARIS, timeZone: "Mars/Olympus", openingHours: "24/7" };
    expect(openingStateAt(place, SATURDAY_NOON)).toBeNull();
  });
});

it("findOpeningHoursProblem names what is wrong", () => {
  expect(findOpeningHoursProblem({ ...PARIS, openingHours: "Mo-Fr 09:00-17:00" })).toBeNull();
  expect(findOpeningHoursProblem({ ...PARIS, openingHours: "Mo-Fr 09:00-" })).not.toBeNull();
});
