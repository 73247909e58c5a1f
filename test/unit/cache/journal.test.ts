import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseSnapshot, type Snapshot } from "../../../src/cache/snapshot.ts";
import { JournalDouble } from "../../support/journal-double.ts";

const always = () => true;

describe("Journal.isCurrent", () => {
  it("ends answers from before a write, and no others", async () => {
    const { journal, snapshot, commitWrite } = follow();
    const before = snapshot();
    commitWrite();
    await journal.sync();
    expect(journal.isCurrent(before, always)).toBe(false);
    expect(journal.isCurrent(before, () => false)).toBe(true);
    expect(journal.isCurrent(snapshot(), always)).toBe(true);
  });

  it("sees a write that was made long before its commit", async () => {
    const { double, journal, snapshot, commitWrite } = follow();
    const slow = double.begin();
    double.write(slow);
    for (let i = 0; i < 5; i += 1) {
      commitWrite();
      await journal.sync();
    }
    const loaded = snapshot();
    expect(journal.isCurrent(loaded, always)).toBe(true);
    double.commit(slow);
    await journal.sync();
    expect(journal.isCurrent(loaded, always)).toBe(false);
    expect(journal.isCurrent(snapshot(), always)).toBe(true);
  });

  it("ignores a write that was rolled back", async () => {
    const { double, journal, snapshot } = follow();
    const before = snapshot();
    const xid = double.begin();
    double.write(xid);
    double.rollback(xid);
    const { position } = journal;
    await journal.sync();
    expect(journal.isCurrent(before, always)).toBe(true);
    expect(journal.position).toBe(position);
  });

  it("agrees with the model for any history of overlapping transactions", async () => {
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.constant({ kind: "begin" as const }) },
      {
        weight: 3,
        arbitrary: fc.record({
          kind: fc.constant("end" as const),
          which: fc.nat(),
          isCommit: fc.boolean(),
        }),
      },
      { weight: 2, arbitrary: fc.constant({ kind: "load" as const }) },
      { weight: 2, arbitrary: fc.constant({ kind: "sync" as const }) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { double, journal, snapshot } = follow();
        const running: number[] = [];
        const loads: { at: Snapshot; writesSince: number }[] = [];
        for (const each of steps) {
          if (each.kind === "begin") {
            const xid = double.begin();
            double.write(xid);
            running.push(xid);
          } else if (each.kind === "end" && running.length > 0) {
            const [xid = 0] = running.splice(each.which % running.length, 1);
            if (each.isCommit) {
              double.commit(xid);
              for (const load of loads) load.writesSince += 1;
            } else double.rollback(xid);
          } else if (each.kind === "load") loads.push({ at: snapshot(), writesSince: 0 });
          else await journal.sync();
        }
        await journal.sync();
        for (const { at, writesSince } of loads)
          expect(journal.isCurrent(at, always)).toBe(writesSince === 0);
      }),
    );
  });

  it("judges from a position on by what was read after it alone", async () => {
    const { journal, snapshot, commitWrite } = follow();
    const before = snapshot();
    commitWrite({ ref: "a" });
    await journal.sync();
    const { position } = journal;
    const matters = (event: { ref: string | null }) => event.ref === "a";
    expect(journal.isCurrent(before, matters, position)).toBe(true);
    expect(journal.isCurrent(null, matters, position)).toBe(true);
    expect(journal.isCurrent(null, matters, position - 1)).toBe(false);
    commitWrite({ ref: "b" });
    await journal.sync();
    expect(journal.isCurrent(null, matters, position)).toBe(true);
    commitWrite({ ref: "a" });
    await journal.sync();
    expect(journal.isCurrent(before, matters, position)).toBe(false);
  });

  it("gives up every answer from before when it missed events, even while an old transaction runs", async () => {
    const { double, journal, snapshot } = follow();
    double.begin();
    const before = snapshot();
    const { position } = journal;
    for (let i = 0; i < 20_000; i += 1) double.commitWrite();
    await journal.sync();
    expect(journal.isCurrent(before, () => false)).toBe(false);
    expect(journal.isCurrent(before, () => false, position)).toBe(false);
    expect(journal.isCurrent(null, () => false, position)).toBe(false);
    expect(journal.isCurrent(snapshot(), always)).toBe(true);
    await journal.sync();
    expect(journal.isCurrent(snapshot(), always)).toBe(true);
  });

  it("forgets the oldest events in a flood, and then rejects answers that those events could affect", async () => {
    const { double, journal, snapshot } = follow();
    double.begin();
    const oldest = snapshot();
    let newest = oldest;
    const { position } = journal;
    for (let round = 0; round < 5; round += 1) {
      newest = snapshot();
      for (let i = 0; i < 6_000; i += 1) double.commitWrite();
      await journal.sync();
    }
    expect(journal.isCurrent(oldest, () => false)).toBe(false);
    expect(journal.isCurrent(oldest, () => false, position)).toBe(false);
    expect(journal.isCurrent(newest, () => false)).toBe(true);
    expect(journal.isCurrent(newest, always)).toBe(false);
  });

  it.each([
    ["another database", (double: JournalDouble) => (double.databaseId = "2/1/1")],
    ["the same one set back", (double: JournalDouble) => double.setBack(101)],
    ["one that was not read for hours", (double: JournalDouble) => (double.nowMs += 2 * 3600_000)],
  ])("gives up every answer from before when it meets %s", async (_name, change) => {
    const { double, journal, snapshot } = follow();
    for (let i = 0; i < 10; i += 1) double.commitWrite();
    await journal.sync();
    const { position } = journal;
    const before = snapshot();
    change(double);
    await journal.sync();
    expect(journal.isCurrent(before, () => false, position)).toBe(false);
    expect(journal.isCurrent(snapshot(), always)).toBe(true);
  });
});

describe("Journal.sync", () => {
  it("starts a reading after the call, and concurrent calls share the reading", async () => {
    const { double, journal } = follow();
    await journal.sync();
    let release = () => {};
    double.held = new Promise((resolve) => (release = resolve));
    const first = journal.sync();
    double.commitWrite();
    const { readings } = double;
    const later = [journal.sync(), journal.sync(), journal.sync()];
    release();
    await first;
    expect(journal.position).toBe(0);
    await Promise.all(later);
    expect(journal.position).toBe(1);
    expect(double.readings).toBe(readings + 1);
  });

  it("reports an outage once, and confirms nothing during it", async () => {
    const { double, journal } = follow();
    await journal.sync();
    expect(journal.isConfirmed(performance.now())).toBe(true);
    expect(journal.isConfirmed(performance.now() + 801)).toBe(false);
    double.failure = new Error("away");
    await expect(journal.sync()).rejects.toThrow("away");
    await expect(journal.sync()).rejects.toThrow("away");
    expect(double.errors).toHaveLength(1);
    expect(journal.state).toBe("unavailable");
    double.failure = undefined;
    await journal.sync();
    expect(journal.state).toBe("following");
  });

  it("is not confirmed by a reading that began before a write which the reading could not see", async () => {
    const { double, journal } = follow();
    await journal.sync();
    let release = () => {};
    double.held = new Promise((resolve) => (release = resolve));
    const reading = journal.sync();
    await new Promise((resolve) => setTimeout(resolve, 2));
    journal.markUnconfirmed();
    release();
    await reading;
    expect(journal.isConfirmed(performance.now())).toBe(false);
    await journal.sync();
    expect(journal.isConfirmed(performance.now())).toBe(true);
  });
});

function follow() {
  const double = new JournalDouble();
  return {
    double,
    journal: double.journal,
    snapshot: () => parseSnapshot(double.snapshot()),
    commitWrite: (event: Parameters<JournalDouble["commitWrite"]>[0] = {}) =>
      double.commitWrite(event),
  };
}
