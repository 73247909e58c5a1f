import { describe, expect, test } from "vitest";
import {
  exitCodeOf,
  fail,
  listed,
  ok,
  readableBytes,
  renderFindings,
  warn,
} from "../../../src/doctor/finding.ts";

describe("findings", () => {
  test("the exit code is 1 for a failure and, with --strict, for a warning", () => {
    const fine = [ok("a", "fine")];
    const warned = [...fine, warn("b", "old", "renew")];
    const failed = [...warned, fail("c", "gone", "bring it back")];
    expect([fine, warned, failed].map((findings) => exitCodeOf(findings, false))).toEqual([
      0, 0, 1,
    ]);
    expect([fine, warned, failed].map((findings) => exitCodeOf(findings, true))).toEqual([0, 1, 1]);
  });

  test("each finding is one line with advice, and the last line counts the findings", () => {
    expect(renderFindings([ok("a", "fine"), fail("long", "gone", "bring it back")])).toBe(
      "ok    a     fine\nfail  long  gone -> bring it back\n\n1 ok, 0 warnings, 1 failed\n",
    );
  });

  test("long lists are shortened, with the number of omitted items", () => {
    expect(listed(["a", "b"])).toBe("a, b");
    expect(listed(["a", "b", "c"], 2)).toBe("a, b and 1 more");
  });

  test("bytes of every size are shown in a suitable unit", () => {
    expect([0, 1023, 1024, 1536, 1024 ** 3].map(readableBytes)).toEqual([
      "0 B",
      "1023 B",
      "1 KiB",
      "1.5 KiB",
      "1 GiB",
    ]);
  });
});
