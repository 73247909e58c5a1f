import * as fc from "fast-check";

const NESTING = 400;

function nested(depth: number, isObject: boolean): unknown {
  let value: unknown = 1;
  for (let i = 0; i < depth; i += 1) value = isObject ? { a: value } : [value];
  return value;
}

/** JSON that no schema expects: wrong types, sizes, characters, numbers and keys. */
export const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom<unknown>(null, true, false, 0, "", [], {}, -1, 1.5) },
  {
    weight: 3,
    arbitrary: fc.constantFrom<unknown>(
      Number.MAX_VALUE,
      -Number.MAX_VALUE,
      Number.MIN_VALUE,
      2 ** 53,
      2 ** 31,
      -(2 ** 31) - 1,
      2 ** 63,
    ),
  },
  {
    weight: 4,
    arbitrary: fc.constantFrom<unknown>(
      "\u0000",
      "a\u0000b",
      "\ud800",
      "x\udfffy",
      "\u202e\u200f",
      "\ufeff",
      "𝒳".repeat(20),
      "'; drop table stores; --",
      '" or 1=1 --',
      "%%__\\",
      "${7*7}{{7*7}}",
      "../../etc/passwd",
      "null",
      "NaN",
      "1e400",
      "__proto__",
      "constructor",
      "2026-02-30T25:61:61Z",
      "9999-12-31T23:59:59Z",
      "0000-00-00T00:00:00Z",
      "00000000-0000-0000-0000-000000000000",
      "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF",
      "eyJ4IjoxfQ",
      "WzEsMl0",
      "W251bGwsbnVsbF0",
      "W3t9LHt9XQ",
      "WzFlMzA4LCIwMDAwMDAwMC0wMDAwLTQwMDAtODAwMC0wMDAwMDAwMDAwMDAiXQ",
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom("x", "9", "é", "ﷺ", "\u0000", "(").map((c) => c.repeat(3_000)),
  },
  { weight: 1, arbitrary: fc.boolean().map((isObject) => nested(NESTING, isObject)) },
  { weight: 1, arbitrary: fc.constant(Array.from({ length: 500 }, (_, i) => i)) },
  { weight: 2, arbitrary: fc.string({ unit: "binary", maxLength: 60 }) },
  { weight: 2, arbitrary: fc.json({ maxDepth: 3 }).map((text) => JSON.parse(text) as unknown) },
);

const PROTOTYPE_KEYS = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "then",
  "hasOwnProperty",
];

/** Where in a value a mutation happens, and how. */
interface Mutation {
  readonly path: number;
  readonly kind: "replace" | "remove" | "add" | "wrap" | "repeat";
  readonly value: unknown;
  readonly key: string;
}

const mutation: fc.Arbitrary<Mutation> = fc.record({
  path: fc.nat(40),
  kind: fc.constantFrom("replace", "replace", "replace", "remove", "add", "wrap", "repeat"),
  value: hostileValue,
  key: fc.oneof(fc.constantFrom(...PROTOTYPE_KEYS), fc.string({ maxLength: 8 })),
});

/** The value with something wrong in one to three places. */
export function mutated(values: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc
    .tuple(values, fc.array(mutation, { minLength: 1, maxLength: 3 }))
    .map(([value, mutations]) => mutations.reduce<unknown>(mutate, value));
}

function mutate(value: unknown, { path, kind, value: other, key }: Mutation): unknown {
  if (typeof value === "object" && value !== null) {
    const keys = Object.keys(value);
    const chosen = keys[path % (keys.length + 1)];
    if (chosen !== undefined) {
      const entries: [string, unknown][] = Object.entries(value).flatMap(([name, old]) => {
        if (name !== chosen) return [[name, old]];
        if (kind === "remove") return [];
        const next = { path: Math.floor(path / (keys.length + 1)), kind, value: other, key };
        return [[name, mutate(old, next)]];
      });
      return Array.isArray(value) ? entries.map(([, item]) => item) : withEntries(entries);
    }
  }
  if (kind === "wrap") return [value];
  if (kind === "repeat") return Array.from({ length: 120 }, () => value);
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return kind === "add" && isObject ? withEntries([...Object.entries(value), [key, other]]) : other;
}

/** Own properties, `__proto__` too. */
function withEntries(entries: readonly (readonly [string, unknown])[]): unknown {
  return Object.fromEntries(entries);
}

/** Turns a value into the text that is sent: mostly its JSON, sometimes JSON that somebody broke. */
export function sentText(values: fc.Arbitrary<unknown>): fc.Arbitrary<string> {
  const whole = values.map((value) => JSON.stringify(value) ?? "");
  const broken = fc
    .tuple(
      whole,
      fc.nat(1_000),
      fc.constantFrom(
        "NaN",
        "Infinity",
        "{",
        "}",
        "]",
        '"',
        "\\u00",
        ",",
        "1e999",
        "undefined",
        "\u0000",
        "/**/",
      ),
      fc.boolean(),
    )
    .map(([text, at, piece, isCut]) => {
      const place = at % (text.length + 1);
      return isCut ? text.slice(0, place) : text.slice(0, place) + piece + text.slice(place);
    });
  return fc.oneof({ weight: 9, arbitrary: whole }, { weight: 1, arbitrary: broken });
}
