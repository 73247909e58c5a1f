import type { JsonSchema } from "../describe.ts";
import { isSchema, schemasOf, typeOf, valuesOf, variantsOf } from "./variants.ts";

/** Which way data goes: apps send inputs and read outputs. */
export type Direction = "input" | "output";

/** A change that an app of the last release may not survive. */
export interface ContractChange {
  /** The procedure and the field, such as `store.nearby input.radiusKm`. */
  readonly at: string;
  /** Such as `maximum 50 → 20`. */
  readonly what: string;
}

/** Two versions of one part of a schema. */
interface Pair {
  readonly before: JsonSchema;
  readonly after: JsonSchema;
  readonly direction: Direction;
  readonly at: string;
}

const LOWER = ["minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"] as const;
const UPPER = ["maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"] as const;
/** Keywords whose two values cannot be compared for which allows more. */
const OPAQUE = ["pattern", "format", "multipleOf"] as const;
/** Keywords with a rule of their own, and those that restrict nothing. */
const KNOWN: ReadonlySet<string> = new Set([
  ...LOWER,
  ...UPPER,
  ...OPAQUE,
  ..."type enum const properties required additionalProperties propertyNames items prefixItems default".split(
    " ",
  ),
  ..."title description summary example examples deprecated x-open-enum".split(" "),
]);
/** A pattern of an instant has hundreds of characters. */
const SHOWN_LENGTH_MAX = 40;

/**
 * Compares two versions of a schema. What apps send must still be accepted; what they get must be no more than what they
 * know. A keyword that is not known here may restrict anything, so any change of it counts.
 */
export function schemaChanges(pair: Pair): readonly ContractChange[] {
  const { before, after, direction, at } = pair;
  const byDefault =
    direction === "input" && "default" in before
      ? changed(pair, "default", before["default"], after["default"])
      : [];
  const olds = variantsOf(before);
  const news = variantsOf(after);
  const compare = (old: JsonSchema, now: JsonSchema) =>
    variantChanges({ before: old, after: now, direction, at });
  const unions =
    direction === "input"
      ? olds.flatMap((old) =>
          closest(
            news.map((now) => [now, compare(old, now)] as const),
            old,
            { at, what: `${typeOf(old)} is accepted no longer` },
          ),
        )
      : news.flatMap((now) =>
          closest(
            olds.map((old) => [old, compare(old, now)] as const),
            now,
            { at, what: `may be ${typeOf(now)}` },
          ),
        );
  return [...byDefault, ...unions];
}

/** The changes to the most similar variant of the same type, or `none` when there is no such variant. */
function closest(
  attempts: readonly (readonly [other: JsonSchema, changes: readonly ContractChange[]])[],
  variant: JsonSchema,
  none: ContractChange,
): readonly ContractChange[] {
  const [best] = attempts
    .filter(([other, changes]) => changes.length === 0 || typeOf(other) === typeOf(variant))
    .map(([, changes]) => changes)
    .toSorted((a, b) => a.length - b.length);
  return best ?? [none];
}

function variantChanges(pair: Pair): readonly ContractChange[] {
  const { before, after, at } = pair;
  if (!isTypeKept(pair)) return [{ at, what: `type ${typeOf(before)} → ${typeOf(after)}` }];
  return [
    ...valueChanges(pair),
    ...limitChanges(pair),
    ...otherChanges(pair),
    ...objectChanges(pair),
    ...nestedChanges(pair),
  ];
}

function isTypeKept({ before, after, direction }: Pair): boolean {
  const [narrow, wide] =
    direction === "input" ? [typeOf(before), typeOf(after)] : [typeOf(after), typeOf(before)];
  return narrow === wide || wide === "any" || (narrow === "integer" && wide === "number");
}

/** Values that are accepted no longer, or that apps do not know; of an open enumeration they expect others. */
function valueChanges({ before, after, direction, at }: Pair): readonly ContractChange[] {
  const [old, now] = [valuesOf(before), valuesOf(after)];
  const has = (values: readonly unknown[], value: unknown) =>
    values.some((one) => shown(one) === shown(value));
  if (direction === "input") {
    if (now === undefined) return [];
    if (old === undefined) return [{ at, what: `accepts only ${now.map(shown).join(", ")}` }];
    return old
      .filter((value) => !has(now, value))
      .map((value) => ({ at, what: `${shown(value)} is accepted no longer` }));
  }
  if (old === undefined || before["x-open-enum"] === true) return [];
  if (now === undefined) return [{ at, what: "may be any value" }];
  return now
    .filter((value) => !has(old, value))
    .map((value) => ({ at, what: `may be ${shown(value)}` }));
}

function limitChanges(pair: Pair): readonly ContractChange[] {
  const { before, after, direction } = pair;
  const isWorse = (old: number, now: number) => (direction === "input" ? now > old : now < old);
  const read = (schema: JsonSchema, keyword: string, none: number) =>
    typeof schema[keyword] === "number" ? schema[keyword] : none;
  return [...LOWER, ...UPPER].flatMap((keyword) => {
    const sign = LOWER.some((one) => one === keyword) ? 1 : -1;
    const [old, now] = [before, after].map((one) => sign * read(one, keyword, -sign * Infinity));
    return isWorse(old ?? 0, now ?? 0)
      ? changed(pair, keyword, before[keyword], after[keyword])
      : [];
  });
}

function otherChanges(pair: Pair): readonly ContractChange[] {
  const { before, after, direction } = pair;
  const opaque = OPAQUE.flatMap((keyword) => {
    const restricting = direction === "input" ? after : before;
    return keyword in restricting ? changed(pair, keyword, before[keyword], after[keyword]) : [];
  });
  const unknown = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (keyword) => !KNOWN.has(keyword),
  );
  return [
    ...opaque,
    ...unknown.flatMap((keyword) => changed(pair, keyword, before[keyword], after[keyword])),
  ];
}

function objectChanges(pair: Pair): readonly ContractChange[] {
  const { before, after, direction, at } = pair;
  const olds = propertiesOf(before);
  const news = propertiesOf(after);
  const [neededBefore, neededAfter] = [requiredOf(before), requiredOf(after)];
  const field = (name: string) => `${at}.${name}`;
  const common = Object.entries(olds).flatMap(([name, old]) => {
    const now = news[name];
    if (now === undefined) return [{ at: field(name), what: "removed" }];
    return schemaChanges({ before: old, after: now, direction, at: field(name) });
  });
  const needed =
    direction === "input"
      ? neededAfter
          .filter((name) => !neededBefore.includes(name))
          .map((name) => ({ at: field(name), what: "is needed" }))
      : neededBefore
          .filter((name) => name in news && !neededAfter.includes(name))
          .map((name) => ({ at: field(name), what: "may be missing" }));
  return [...common, ...needed];
}

function nestedChanges(pair: Pair): readonly ContractChange[] {
  const { before, after, direction, at } = pair;
  const tuple = (schema: JsonSchema) => schemasOf(schema["prefixItems"]);
  const places = Math.max(tuple(before).length, tuple(after).length);
  const pairs: readonly (readonly [old: unknown, now: unknown, at: string])[] = [
    [before["items"], after["items"], `${at}[]`],
    [before["propertyNames"], after["propertyNames"], `${at} keys`],
    ...Array.from(
      { length: places },
      (_, i) => [tuple(before)[i], tuple(after)[i], `${at}[${i}]`] as const,
    ),
  ];
  return [
    ...pairs
      .filter(([old, now]) => isSchema(old) || isSchema(now))
      .flatMap(([old, now, place]) =>
        schemaChanges({ before: orAny(old), after: orAny(now), direction, at: place }),
      ),
    ...otherKeyChanges(pair),
  ];
}

/** Keys without a property of their own. Inputs say `false` to reject them; apps ignore those of outputs. */
function otherKeyChanges({ before, after, direction, at }: Pair): readonly ContractChange[] {
  if (typeOf(before) !== "object") return [];
  const [old, now] = [before["additionalProperties"], after["additionalProperties"]];
  const place = `${at}.*`;
  const isUsed = direction === "input" ? old !== false : isSchema(old);
  const isGone = now === false || (direction === "output" && now === undefined);
  if (isUsed && isGone) return [{ at: place, what: "removed" }];
  if (!isUsed || !(isSchema(old) || isSchema(now))) return [];
  return schemaChanges({ before: orAny(old), after: orAny(now), direction, at: place });
}

/** Without a schema anything is allowed. */
function orAny(schema: unknown): JsonSchema {
  return isSchema(schema) ? schema : {};
}

function propertiesOf({ properties }: JsonSchema): Readonly<Record<string, JsonSchema>> {
  return isSchema(properties) ? (properties as Readonly<Record<string, JsonSchema>>) : {};
}

function requiredOf({ required }: JsonSchema): readonly string[] {
  return Array.isArray(required) ? required.map(String) : [];
}

function changed(
  { at }: Pick<Pair, "at">,
  keyword: string,
  old: unknown,
  now: unknown,
): readonly ContractChange[] {
  if (JSON.stringify(old) === JSON.stringify(now)) return [];
  return [{ at, what: `${keyword} ${shown(old)} → ${shown(now)}` }];
}

function shown(value: unknown): string {
  const text = value === undefined ? "none" : JSON.stringify(value);
  return text.length > SHOWN_LENGTH_MAX ? `${text.slice(0, SHOWN_LENGTH_MAX)}…` : text;
}
