import { ADDRESSES_INTRODUCTION, type DescribedAddress, describeAddresses } from "./addresses.ts";
import type { DescribedProcedure, JsonSchema } from "./describe.ts";
import { DESCRIBED_REASONS } from "./errors-described.ts";
import { CALLERS, deprecationOf } from "./openapi.ts";
import { PREFACE } from "./preface.ts";

/** Writes the procedures down as a page of Markdown. */
export function markdownOf(procedures: readonly DescribedProcedure[]): string {
  const features = Map.groupBy(procedures, ({ path }) => path.split(".", 1)[0] ?? path);
  return [
    "# Procedures",
    "Made by `npm run reference` from the router; `/docs` of a running instance has the same with runnable examples, and `/openapi.json` the same as schemas.",
    ...PREFACE,
    reasonTable(),
    [...features.keys()].map((name) => `[${name}](#${name})`).join(" · "),
    ...[...features].flatMap(([name, ones]) => [`## ${name}`, ...ones.map(section)]),
    "## Addresses of their own",
    ADDRESSES_INTRODUCTION,
    ...describeAddresses(procedures).map(addressSection),
    "",
  ].join("\n\n");
}

function section(procedure: DescribedProcedure): string {
  const { path, isMutation, auth, cost, description, units, errors, source } = procedure;
  const deprecation = deprecationOf(procedure);
  const facts = [
    `${isMutation ? "Mutation" : "Query"}. ${CALLERS[auth]}`,
    cost === 1 ? null : `A call counts ${cost} against the rate limit.`,
  ];
  return [
    `### ${path}`,
    ...(deprecation === null ? [] : [`**${deprecation}**`]),
    description,
    facts.filter((fact) => fact !== null).join(" "),
    ...(procedure.input === null ? [] : [fieldsOf(procedure.input)]),
    `\`\`\`ts\n${callOf(procedure)}\n\`\`\``,
    ...answerOf(procedure.output),
    ...(units === null ? [] : [`Units: ${units}`]),
    ...(errors === null ? [] : [`Errors: ${errors}`]),
    ...(source === null ? [] : [`Source: ${source}`]),
  ].join("\n\n");
}

function addressSection({ address, description, parameters, output }: DescribedAddress): string {
  const rows = parameters.map(
    ({ name, schema, required, description: meaning }) =>
      `| \`${name}\` | ${typeOf(schema)} | ${required ? "yes" : "no"} | ${inCell(meaning)} |`,
  );
  const header = "| parameter | type | needed | meaning |\n| --- | --- | --- | --- |";
  return [
    `### GET ${address}`,
    description,
    ...(rows.length === 0 ? [] : [[header, ...rows].join("\n")]),
    ...answerOf(output),
  ].join("\n\n");
}

function reasonTable(): string {
  return [
    "| `data.reason` | status | when, and what the app does |",
    "| --- | --- | --- |",
    ...Object.entries(DESCRIBED_REASONS).map(
      ([reason, { httpStatus, meaning }]) => `| \`${reason}\` | ${httpStatus} | ${meaning} |`,
    ),
  ].join("\n");
}

function callOf({ path, isMutation, example: { input, take = {} } }: DescribedProcedure): string {
  const taken = Object.entries(take).map(([field, [from, ...keys]]) => {
    const [name = field, place] = field.split(".");
    const value = `<${[from, ...keys].join(".")}>`;
    return [name, place === undefined ? value : [value]] as const;
  });
  const whole = taken.length === 0 ? input : { ...(input as object), ...Object.fromEntries(taken) };
  const text = whole === undefined ? "" : JSON.stringify(whole);
  return `await client.${path}.${isMutation ? "mutate" : "query"}(${text});`;
}

interface Shape {
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly items?: Shape;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  readonly anyOf?: readonly Shape[];
  readonly oneOf?: readonly Shape[];
}

function fieldsOf(input: JsonSchema): string {
  return variantsOf(input)
    .map(({ properties = {}, required = [] }) =>
      [
        "| field | type | needed | meaning |",
        "| --- | --- | --- | --- |",
        ...Object.entries(properties).map(
          ([name, shape]) =>
            `| \`${name}\` | ${typeOf(shape)} | ${required.includes(name) ? "yes" : defaultOf(shape)} | ${inCell(shape.description)} |`,
        ),
      ].join("\n"),
    )
    .join("\n\nor\n\n");
}

/** The fields of an answer, with those inside of it. */
function answerOf(output: JsonSchema): string[] {
  const rows = rowsOf(output, "");
  return rows.length === 0
    ? []
    : [["| answer | type | meaning |", "| --- | --- | --- |", ...new Set(rows)].join("\n")];
}

function rowsOf(shape: Shape, at: string): string[] {
  return variantsOf(shape).flatMap((variant) =>
    variant.type === "array"
      ? rowsOf(variant.items ?? {}, `${at}[]`)
      : Object.entries(variant.properties ?? {}).flatMap(([name, field]) => {
          const path = at === "" ? name : `${at}.${name}`;
          const inside = rowsOf(field, path);
          const type = inside.length > 0 && isList(field) ? "list" : typeOf(field);
          const kind = inside.length > 0 && !isList(field) ? "object" : type;
          const missing = variant.required?.includes(name) === true ? "" : " or missing";
          const row = `| \`${path}\` | ${kind}${isNullable(field) ? " or null" : ""}${missing} | ${inCell(field.description)} |`;
          return [row, ...inside];
        }),
  );
}

function isList(shape: Shape): boolean {
  return variantsOf(shape).some(({ type }) => type === "array");
}

function isNullable({ type, anyOf = [], oneOf = [] }: Shape): boolean {
  return (
    type === "null" ||
    (Array.isArray(type) && type.includes("null")) ||
    [...anyOf, ...oneOf].some(isNullable)
  );
}

function inCell(text = ""): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}

function variantsOf(shape: Shape): readonly Shape[] {
  const variants = shape.anyOf ?? shape.oneOf;
  return variants === undefined
    ? [shape]
    : variants.filter(({ type }) => type !== "null").flatMap(variantsOf);
}

function defaultOf({ default: value }: Shape): string {
  return value === undefined ? "no" : `no; ${JSON.stringify(value)} without`;
}

/** The type of a field in words, with its limits. */
function typeOf(shape: Shape): string {
  const variants = shape.anyOf ?? shape.oneOf;
  if (variants !== undefined)
    return variants
      .filter(({ type }) => type !== "null")
      .map(typeOf)
      .join(" or ");
  if (shape.enum !== undefined) return shape.enum.map((one) => `\`${String(one)}\``).join(" ");
  if (shape.const !== undefined) return `\`${JSON.stringify(shape.const)}\``;
  if (shape.type === "array") {
    const many = rangeOf(shape.minItems, shape.maxItems);
    return `list${many === null ? "" : ` of ${many}`}: ${typeOf(shape.items ?? {})}`;
  }
  if (shape.type === "object") {
    const names = Object.keys(shape.properties ?? {}).map((name) => `\`${name}\``);
    return names.length === 0 ? "object" : `object with ${names.join(", ")}`;
  }
  const range =
    rangeOf(shape.minimum, shape.maximum) ??
    withUnit(rangeOf(shape.minLength, shape.maxLength), "characters");
  const types = [shape.type ?? "text"].flat().filter((one) => one !== "null");
  return [shape.format ?? types.join(" or "), range].filter(Boolean).join(", ");
}

function withUnit(range: string | null, unit: string): string | null {
  return range === null ? null : `${range} ${unit}`;
}

function rangeOf(least: number | undefined, most: number | undefined): string | null {
  if (least === undefined && (most === undefined || most === Number.MAX_SAFE_INTEGER)) return null;
  if (most === undefined || most === Number.MAX_SAFE_INTEGER) return `at least ${least}`;
  return least === undefined || least === -Number.MAX_SAFE_INTEGER
    ? `at most ${most}`
    : `${least} to ${most}`;
}
