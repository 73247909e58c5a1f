import { expect, test } from "vitest";
import { createProgress, formatDuration, formatProgress } from "../../src/progress.ts";

function collect(isTTY: boolean, columns = 80) {
  const written: string[] = [];
  return { written, stream: { isTTY, columns, write: (text: string) => written.push(text) } };
}

test.each([
  [0, "0s"],
  [59_400, "59s"],
  [185_000, "3m 05s"],
  [7_620_000, "2h 07m"],
])("writes %d ms as %s", (durationMs, text) => {
  expect(formatDuration(durationMs)).toBe(text);
});

test("progress shows share, count, rate and time left", () => {
  const state = {
    label: "loading",
    unit: "rows",
    done: 1_500,
    total: 3_000,
    elapsedMs: 10_000,
    isSteady: true,
  };
  expect(formatProgress(state, true)).toBe(
    "loading  [############............]   50%  1,500/3,000 rows  150/s  10s  10s left",
  );
  expect(formatProgress({ ...state, total: undefined }, false)).toBe(
    "loading  1,500 rows  150/s  10s",
  );
  expect(formatProgress({ ...state, isSteady: false }, false)).toBe(
    "loading   50%  1,500/3,000 rows  10s",
  );
  expect(formatProgress({ ...state, done: 0, total: 0 }, true)).toBe("loading  10s");
});

test("progress overwrites one line on a terminal, never wider than the terminal", () => {
  const { written, stream } = collect(true, 30);
  let nowMs = 0;
  const progress = createProgress({
    stream,
    label: "a very long label of a task",
    now: () => nowMs,
  });
  nowMs = 50;
  progress.update(1, 2);
  expect(written).toHaveLength(1);
  nowMs = 200;
  progress.update(1, 2);
  progress.finish();
  progress.stop();
  expect(written).toHaveLength(4);
  expect(written.at(-1)).toBe("\n");
  for (const text of written.slice(0, -1)) {
    expect(text.startsWith("\r")).toBe(true);
    expect(text.replace("\r", "").replace("\u001B[K", "").length).toBeLessThan(30);
  }
});

test("progress writes whole lines, at intervals, if the output is not a terminal", () => {
  const { written, stream } = collect(false);
  let nowMs = 0;
  const progress = createProgress({ stream, label: "loading", now: () => nowMs });
  for (nowMs = 0; nowMs < 12_000; nowMs += 100) progress.update(nowMs / 100, 120);
  progress.line("a remark");
  progress.finish();
  progress.update(120, 120);
  expect(written).toHaveLength(5);
  expect(written.join("")).not.toContain("\r");
  expect(written.join("")).not.toContain("\u001B");
  for (const text of written) expect(text.endsWith("\n")).toBe(true);
});
