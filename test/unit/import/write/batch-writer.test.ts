import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { problem } from "../../../../src/import/read/records.ts";
import { BatchWriter } from "../../../../src/import/write/batch-writer.ts";
import { openRejects, type RejectsFile } from "../../../../src/import/write/rejects.ts";

let directory: string;
let rejects: RejectsFile;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "batch-writer-"));
  rejects = openRejects(join(directory, "rejects.jsonl"), "records.jsonl");
});

afterEach(async () => {
  await rejects.close();
  rmSync(directory, { recursive: true, force: true });
});

describe("a writer of batches", () => {
  it("gives the event loop a turn after at most 25 records, because the database's answers wait for one", async () => {
    const staging = { merge: () => Promise.reject(new Error("no row was taken")) };
    let converted = 0;
    const convert = () => {
      converted += 1;
      return { problem: problem("refused", "of this test") };
    };
    const writer = new BatchWriter(staging, rejects, convert, null);
    const seen = [0];
    let isDone = false;
    const watch = () => {
      seen.push(converted);
      if (!isDone) setImmediate(watch);
    };
    setImmediate(watch);
    const records = Array.from({ length: 1_000 }, (_, index) => ({ position: index, value: {} }));
    await writer.take(records);
    isDone = true;
    seen.push(converted);
    await writer.finish();

    expect(writer.counts()).toMatchObject({ read: 1_000, rejected: 1_000 });
    const steps = seen.slice(1).map((count, index) => count - (seen[index] ?? 0));
    expect(Math.max(...steps)).toBeLessThanOrEqual(25);
  });
});
