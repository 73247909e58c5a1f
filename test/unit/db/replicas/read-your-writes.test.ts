import { describe, expect, test } from "vitest";
import { ReadYourWrites, type SharedMarks } from "../../../../src/db/replicas/read-your-writes.ts";

/** The marks in Redis; operations run in the order in which Redis would run them. */
class Marks implements SharedMarks {
  readonly values = new Map<string, number | string>();
  isUnavailable = false;

  begin(userId: string, token: string): Promise<boolean> {
    if (!this.isUnavailable) this.values.set(userId, token);
    return Promise.resolve(!this.isUnavailable);
  }

  settle(userId: string, token: string, lsn: number): Promise<void> {
    if (!this.isUnavailable && this.values.get(userId) === token) this.values.set(userId, lsn);
    return Promise.resolve();
  }

  read(userId: string): Promise<number | null> {
    const value = this.values.get(userId) ?? 0;
    return Promise.resolve(this.isUnavailable || typeof value === "string" ? null : value);
  }
}

const reading = (lsn: number, beganAt = performance.now()) => ({
  beganAt,
  lsn,
  databaseId: "1/1/00000001",
});

describe("ReadYourWrites", () => {
  test("a user's reads need a position from a reading that began after the write, on every instance", async () => {
    const marks = new Marks();
    const [here, there] = [new ReadYourWrites(marks), new ReadYourWrites(marks)];
    expect(await there.lsnOf("u")).toBe(0);
    const before = performance.now();
    await here.add("u", false);
    here.observe(reading(100, before));
    expect(await here.lsnOf("u")).toBeNull();
    expect(await there.lsnOf("u")).toBeNull();
    here.observe(reading(120));
    expect(await here.lsnOf("u")).toBe(120);
    expect(await there.lsnOf("u")).toBe(120);
    expect(await there.lsnOf("somebody else")).toBe(0);
  });

  test("the later LSN of two instances' writes is used, in whichever order they become known", async () => {
    const marks = new Marks();
    const [first, second] = [new ReadYourWrites(marks), new ReadYourWrites(marks)];
    await first.add("u", false);
    await second.add("u", false);
    first.observe(reading(100));
    expect(await new ReadYourWrites(marks).lsnOf("u")).toBeNull();
    second.observe(reading(130));
    expect(await first.lsnOf("u")).toBe(130);
  });

  test("an LSN of a later write is not replaced by that of an earlier one", async () => {
    const marks = new Marks();
    const [first, second] = [new ReadYourWrites(marks), new ReadYourWrites(marks)];
    await first.add("u", false);
    await second.add("u", false);
    second.observe(reading(130));
    first.observe(reading(100));
    expect(await new ReadYourWrites(marks).lsnOf("u")).toBe(130);
  });

  test("without Redis a user reads from the primary", async () => {
    const marks = new Marks();
    const writes = new ReadYourWrites(marks);
    marks.isUnavailable = true;
    await writes.add("u", false);
    writes.observe(reading(100));
    expect(await writes.lsnOf("u")).toBeNull();
    expect(await writes.lsnOf("somebody else")).toBeNull();
    marks.isUnavailable = false;
    expect(await writes.lsnOf("u")).toBe(100);
    expect(await new ReadYourWrites(null).lsnOf("u")).toBeNull();
  });

  test("a public write applies to this instance's public reads", async () => {
    const writes = new ReadYourWrites(null);
    expect(writes.publicLsn).toBe(0);
    await writes.add("admin", true);
    expect(writes.publicLsn).toBeNull();
    writes.observe(reading(50, performance.now() - 1_000));
    expect(writes.publicLsn).toBeNull();
    writes.observe(reading(70));
    expect(writes.publicLsn).toBe(70);
  });
});
