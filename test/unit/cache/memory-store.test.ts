import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MemoryStore, type SharedPart } from "../../../src/cache/memory-store.ts";

const entry = (bytes: number, parts: readonly SharedPart[] = []) => ({ bytes, parts, used: true });

describe("MemoryStore", () => {
  it("never has more bytes than allowed, and counts its bytes exactly", () => {
    const steps = fc.array(
      fc.record({
        key: fc.integer({ min: 0, max: 30 }).map(String),
        bytes: fc.integer({ min: 1, max: 400 }),
        kind: fc.constantFrom("set", "get", "delete"),
      }),
      { maxLength: 200 },
    );
    fc.assert(
      fc.property(steps, (run) => {
        const store = new MemoryStore(1_000);
        for (const { key, bytes, kind } of run) {
          if (kind === "set") store.set(key, entry(bytes));
          else if (kind === "get") store.get(key);
          else store.delete(key);
          const held = Array.from({ length: 31 }, (_, i) => store.get(String(i)));
          const kept = held.filter((each) => each !== undefined);
          expect(store.bytes).toBe(kept.reduce((sum, each) => sum + each.bytes, 0));
          expect(store.size).toBe(kept.length);
          expect(store.bytes).toBeLessThanOrEqual(1_000);
        }
      }),
    );
  });

  it("counts a shared part once, as long as one entry refers to it", () => {
    const changes = fc.array(
      fc.record({
        key: fc.integer({ min: 0, max: 8 }).map(String),
        parts: fc.uniqueArray(fc.integer({ min: 0, max: 5 }), { maxLength: 4 }),
        isSet: fc.boolean(),
      }),
      { maxLength: 100 },
    );
    fc.assert(
      fc.property(changes, (run) => {
        const told = Array.from({ length: 6 }, () => false);
        const all = told.map((_, i) => ({
          bytes: 30 + i,
          onHeld: (isHeld: boolean) => {
            expect(isHeld).toBe(!told[i]);
            told[i] = isHeld;
          },
        }));
        const store = new MemoryStore(1_000);
        for (const { key, parts, isSet } of run) {
          if (isSet)
            store.set(
              key,
              entry(
                90,
                all.filter((_, i) => parts.includes(i)),
              ),
            );
          else store.delete(key);
          const kept = [...store.entries()].map(([, each]) => each);
          const held = new Set(kept.flatMap((each) => each.parts));
          const partBytes = [...held].reduce((sum, { bytes }) => sum + bytes, 0);
          expect(store.bytes).toBe(kept.length * 90 + partBytes);
          expect(told).toEqual(all.map((part) => held.has(part)));
        }
      }),
    );
  });

  it("evicts entries without hits before entries with hits", () => {
    const store = new MemoryStore(1_000);
    for (const key of ["a", "b", "c", "d"]) store.set(key, entry(240));
    store.set("e", entry(240));
    for (const key of ["b", "d", "e"]) store.get(key);
    store.set("f", entry(240));
    expect(["b", "d", "e", "f"].every((key) => store.get(key) !== undefined)).toBe(true);
    expect(store.get("c")).toBeUndefined();
    expect(store.evictions).toBe(2);
  });

  it("does not store an entry that is too large, and removes the older entry of its key", () => {
    const store = new MemoryStore(1_000);
    store.set("small", entry(100));
    store.set("huge", entry(100));
    store.set("huge", entry(251));
    expect(store.get("huge")).toBeUndefined();
    expect(store.get("small")).toBeDefined();
    expect(store.bytes).toBe(100);
  });
});
