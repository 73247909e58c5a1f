import { createHash } from "node:crypto";

/** A seeded stream of pseudo-random choices: one seed, one sequence, on every machine. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform whole number in [from, to], both included. */
  integer(from: number, to: number): number;
  /** True with the given probability (0–1). */
  chance(probability: number): boolean;
  /** One of the items, each as likely as the others. */
  pick<T>(items: readonly T[]): T;
  /** One of the items, as likely as its weight. */
  weighted<T>(items: readonly (readonly [item: T, weight: number])[]): T;
  /** Bell-shaped around 0 with variance 1, never beyond ±6. */
  bell(): number;
}

/**
 * Makes the stream that belongs to a seed.
 * Errors: RangeError when asked to choose from nothing.
 * Source: mulberry32 (Tommy Ettinger), seeded by FNV-1a 32 bit of the seed's UTF-16 code units.
 */
export function createRandom(seed: string): Random {
  let state = fnv1a(seed);
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const integer = (from: number, to: number): number => from + Math.floor(next() * (to - from + 1));
  return {
    next,
    integer,
    chance: (probability) => next() < probability,
    pick: (items) => {
      const item = items[integer(0, items.length - 1)];
      if (item === undefined) throw new RangeError("nothing to pick from");
      return item;
    },
    weighted: (items) => {
      const total = items.reduce((sum, [, weight]) => sum + weight, 0);
      let rest = next() * total;
      for (const [item, weight] of items) {
        rest -= weight;
        if (rest < 0) return item;
      }
      throw new RangeError("nothing to pick from");
    },
    bell: () => {
      // Irwin–Hall: additions only, so no libm whose last bit differs between machines.
      let sum = -6;
      for (let i = 0; i < 12; i++) sum += next();
      return sum;
    },
  };
}

/**
 * The UUID that belongs to a name, the same in every run.
 * Source: RFC 9562, version 5 (SHA-1), in a namespace of this demo data.
 */
export function deterministicUuid(name: string): string {
  const bytes = createHash("sha1").update(NAMESPACE).update(name, "utf8").digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString("hex");
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join("-");
}

const NAMESPACE = Buffer.from("9d3a7c52f0e84b6fa1c26e0b5d7f3a18", "hex");

function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return hash >>> 0;
}
