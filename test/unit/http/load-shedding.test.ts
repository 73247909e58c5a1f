import { describe, expect, it } from "vitest";
import {
  IN_FLIGHT_MAX,
  LoadShedder,
  loadProbe,
  OVERLOAD_WAIT_MAX_MS,
  OVERLOADED_FOR_MS,
  SLICE_MS,
  STANDING_MS,
  WAIT_MAX_MS,
  WAITING_MAX,
} from "../../../src/http/load-shedding.ts";

/** A shedder whose clock and event loop stand still until they are moved. */
function stage() {
  let nowMs = 1_000;
  let work: (() => void)[] = [];
  let overloads = 0;
  const shedder = new LoadShedder({
    nowMs: () => nowMs,
    onOverload: () => {
      overloads += 1;
    },
    nextTurn: (next) => work.push(next),
  });
  const outcomes: (boolean | null)[] = [];
  return {
    shedder,
    outcomes,
    overloads: () => overloads,
    pass: (ms: number) => {
      nowMs += ms;
    },
    /** A request that takes so long to begin on, once it is let in. */
    arrive: (costMs = 0): boolean | "waits" => {
      const index = outcomes.push(null) - 1;
      const entered = shedder.enter();
      const settle = (isAdmitted: boolean) => {
        outcomes[index] = isAdmitted;
        if (isAdmitted) nowMs += costMs;
      };
      if (typeof entered === "boolean") {
        settle(entered);
        return entered;
      }
      void entered.then(settle);
      return "waits";
    },
    turn: async () => {
      const now = work;
      work = [];
      for (const next of now) next();
      await new Promise((resolve) => setImmediate(resolve));
    },
    scheduled: () => work.length,
  };
}

describe("load shedding", () => {
  it("lets requests through at once while the loop is not busy, and asks for no turn without any", async () => {
    const { arrive, turn, pass, scheduled, shedder } = stage();
    for (let i = 0; i < 50; i += 1) {
      expect([arrive(SLICE_MS / 2), arrive(SLICE_MS / 2)]).toEqual([true, true]);
      await turn();
      pass(1);
    }
    expect(scheduled()).toBe(0);
    expect(shedder.isOverloaded).toBe(false);
  });

  it("is not fooled by one long turn", async () => {
    const { arrive, turn, pass, shedder } = stage();
    expect(arrive()).toBe(true);
    pass(5_000);
    await turn();
    expect(arrive()).toBe(true);
    expect(shedder.isOverloaded).toBe(false);
  });

  it("spreads a burst over turns, in order, and turns nobody away", async () => {
    const { arrive, turn, outcomes, shedder } = stage();
    for (let i = 0; i < 100; i += 1) arrive(0.4 * SLICE_MS);
    expect(outcomes.slice(0, 4)).toEqual([true, true, true, null]);
    let turns = 0;
    while (shedder.waiting > 0) {
      const before = outcomes.filter((outcome) => outcome === true).length;
      await turn();
      turns += 1;
      const begun = outcomes.filter((outcome) => outcome === true).length;
      expect(begun - before).toBeLessThanOrEqual(3);
      expect(outcomes.indexOf(null)).toBe(begun === 100 ? -1 : begun);
    }
    expect(turns).toBeGreaterThan(30);
    expect(outcomes).toEqual(Array.from({ length: 100 }, () => true));
    await turn();
    expect(arrive()).toBe(true);
  });

  it("leaves as much time as a slice took to what else arrives, and none when nothing does", async () => {
    const { arrive, turn, pass, outcomes } = stage();
    const begun = () => outcomes.filter((outcome) => outcome === true).length;
    for (let i = 0; i < 20; i += 1) arrive(SLICE_MS + 1);
    await turn();
    expect(begun()).toBe(2);
    for (let i = 0; i < SLICE_MS; i += 1) {
      pass(1);
      await turn();
      expect(begun()).toBe(2);
    }
    pass(1);
    await turn();
    expect(begun()).toBe(3);
    await turn();
    expect(begun()).toBe(4);
  });

  it("turns away what a burst leaves waiting too long", async () => {
    const { arrive, turn, pass, outcomes, overloads } = stage();
    arrive(SLICE_MS + 1);
    expect(arrive()).toBe("waits");
    pass(WAIT_MAX_MS + 1);
    await turn();
    expect(outcomes).toEqual([true, false]);
    expect(overloads()).toBe(1);
  });

  it("keeps waits short once the queue stands, answers on, and takes everybody again when it is over", async () => {
    const { arrive, turn, pass, shedder, outcomes } = stage();
    // Twice what can be done: four come in a turn that begins on two.
    const waits: number[] = [];
    for (let elapsedMs = 0; elapsedMs < STANDING_MS + 3_000; elapsedMs += 1.6 * SLICE_MS) {
      for (let i = 0; i < 4; i += 1) arrive(0.8 * SLICE_MS);
      waits.push(shedder.waiting);
      await turn();
    }
    const recent = outcomes.slice(-200);
    const share = recent.filter((outcome) => outcome === true).length / recent.length;
    expect(shedder.isOverloaded).toBe(true);
    expect(share).toBeGreaterThan(0.3);
    // No more than what is done in the time that is waited.
    expect(shedder.waiting).toBeLessThanOrEqual(
      4 * Math.ceil(OVERLOAD_WAIT_MAX_MS / (1.6 * SLICE_MS)) + 4,
    );
    expect(Math.max(...waits)).toBeGreaterThan(shedder.waiting);

    while (shedder.waiting > 0) await turn();
    await turn();
    expect(arrive()).toBe(true);
    pass(OVERLOADED_FOR_MS + 1);
    expect(shedder.isOverloaded).toBe(false);
    expect(outcomes).not.toContain(null);
  });

  it("bounds how many wait, and how many are worked on", () => {
    const { arrive, shedder, pass } = stage();
    arrive(SLICE_MS + 1);
    for (let i = 0; i < WAITING_MAX; i += 1) expect(arrive()).toBe("waits");
    expect(arrive()).toBe(false);

    const other = stage();
    other.shedder.inFlight = IN_FLIGHT_MAX;
    expect(other.arrive()).toBe(false);
    other.shedder.inFlight -= 1;
    expect(other.arrive()).toBe(true);
    pass(0);
    expect(shedder.waiting).toBe(WAITING_MAX);
  });

  it("reports an overload in its probe as a part that the service can do without", async () => {
    const { shedder, arrive, pass } = stage();
    const probe = loadProbe(shedder);
    expect(probe.required).toBe(false);
    expect(await probe.check()).toEqual({ ok: true });
    shedder.inFlight = IN_FLIGHT_MAX;
    arrive();
    expect(await probe.check()).toMatchObject({
      ok: false,
      detail: expect.stringContaining("2000 requests under way"),
    });
    shedder.inFlight = 0;
    pass(OVERLOADED_FOR_MS + 1);
    expect(await probe.check()).toEqual({ ok: true });
  });
});
