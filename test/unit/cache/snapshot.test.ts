import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { covers, isVisible, parseSnapshot, standbySnapshot } from "../../../src/cache/snapshot.ts";

/** A model of a database's transactions, each of which is running or ended when a snapshot is taken. */
const histories = fc
  .array(
    fc.record({
      begins: fc.integer({ min: 0, max: 60 }),
      lasts: fc.integer({ min: 1, max: 60 }),
    }),
    { minLength: 1, maxLength: 25 },
  )
  .map((transactions) =>
    transactions
      .toSorted((a, b) => a.begins - b.begins)
      .map(({ begins, lasts }, i) => ({ xid: 100 + i, begins, ends: begins + lasts })),
  );

function snapshotAt(history: { xid: number; begins: number; ends: number }[], at: number) {
  const begun = history.filter(({ begins }) => begins < at);
  const running = begun.filter(({ ends }) => ends >= at).map(({ xid }) => xid);
  const xmax = 100 + begun.length;
  return parseSnapshot(`${running[0] ?? xmax}:${xmax}:${running.join(",")}`);
}

describe("parseSnapshot", () => {
  it("parses PostgreSQL's text form", () => {
    expect(parseSnapshot("10:20:10,14,15")).toEqual({ xmin: 10, xmax: 20, running: [10, 14, 15] });
    expect(parseSnapshot("7:7:")).toEqual({ xmin: 7, xmax: 7, running: [] });
  });

  it.each(["", "1:2", "1:2:3,", "a:b:", "1:2:3;drop", "-1:2:", "1:2:,3", `${"9".repeat(17)}:1:`])(
    "rejects %j",
    (text) => {
      expect(() => parseSnapshot(text)).toThrow("not a pg_snapshot");
    },
  );
});

describe("isVisible", () => {
  it("is true for exactly the transactions that had ended", () => {
    fc.assert(
      fc.property(histories, fc.integer({ min: 0, max: 130 }), (history, at) => {
        const snapshot = snapshotAt(history, at);
        for (const { xid, ends } of history) expect(isVisible(snapshot, xid)).toBe(ends < at);
      }),
    );
  });
});

describe("covers", () => {
  it("is true for every later snapshot of one history", () => {
    fc.assert(
      fc.property(
        histories,
        fc.integer({ min: 0, max: 130 }),
        fc.nat(60),
        (history, at, laterBy) => {
          expect(covers(snapshotAt(history, at + laterBy), snapshotAt(history, at))).toBe(true);
        },
      ),
    );
  });

  it("is true only if the snapshot sees everything that the earlier one sees", () => {
    const texts = ["10:10:", "10:12:10", "10:12:10,11", "12:12:", "11:12:11", "10:15:10,13"];
    const snapshots = texts.map(parseSnapshot);
    for (const one of snapshots) {
      for (const other of snapshots) {
        let isSuperset = true;
        for (let xid = 5; xid < 20; xid += 1)
          if (isVisible(other, xid) && !isVisible(one, xid)) isSuperset = false;
        expect(covers(one, other) && !isSuperset).toBe(false);
      }
    }
    expect(covers(parseSnapshot("10:12:10"), parseSnapshot("12:12:"))).toBe(false);
    expect(covers(parseSnapshot("9:9:"), parseSnapshot("10:12:10"))).toBe(false);
  });
});

describe("standbySnapshot", () => {
  it("vouches for nothing from the oldest transaction on that may have been running", () => {
    const snapshot = parseSnapshot(standbySnapshot("100:130:"));
    expect(isVisible(snapshot, 99)).toBe(true);
    for (const xid of [100, 115, 129, 130]) expect(isVisible(snapshot, xid)).toBe(false);
    expect(covers(snapshot, parseSnapshot("90:101:"))).toBe(false);
    expect(covers(snapshot, parseSnapshot("90:100:95"))).toBe(true);
  });
});
