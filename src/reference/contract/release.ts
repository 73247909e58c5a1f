import type { OpenApi } from "../openapi.ts";
import type { ContractChange } from "./schema-changes.ts";
import { isSchema } from "./variants.ts";

/** A change that apps of the last release may not survive, and why it is made all the same. */
export interface AcceptedChange {
  /** The change, as `npm run contract` prints it. */
  readonly change: string;
  readonly reason: string;
}

/** Keywords that say something to people, and nothing to the comparison. */
const WORDS: ReadonlySet<string> = new Set(
  "$schema title description summary example examples tags servers security securitySchemes x-take".split(
    " ",
  ),
);

/** One line for each change, by which it is accepted. */
export function lineOf({ at, what }: ContractChange): string {
  return `${at}: ${what}`;
}

/** Returns what is wrong with the accepted changes: those that are missing, without a reason, or not made. */
export function contractFaults(
  changes: readonly ContractChange[],
  accepted: readonly AcceptedChange[],
): readonly string[] {
  const made = new Set(changes.map(lineOf));
  const listed = new Set(accepted.map(({ change }) => change));
  return [
    ...[...made].filter((line) => !listed.has(line)).map((line) => `not accepted: ${line}`),
    ...accepted
      .filter(({ change }) => !made.has(change))
      .map(({ change }) => `accepted, but not made: ${change}`),
    ...accepted
      .filter(({ reason }) => reason.trim() === "")
      .map(({ change }) => `accepted without a reason: ${change}`),
  ];
}

/** Writes down what a release promises: an OpenAPI document without words, one line for each address. */
export function releaseText(document: OpenApi): string {
  const { paths, ...others } = withoutWords(document);
  const lines = Object.entries(isSchema(paths) ? paths : {}).map(
    ([address, methods]) => `${JSON.stringify(address)}:${JSON.stringify(methods)}`,
  );
  return `${JSON.stringify(others).slice(0, -1)},"paths":{\n${lines.join(",\n")}\n}}\n`;
}

function withoutWords(node: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(node).flatMap(([key, value]) => {
      if (WORDS.has(key)) return [];
      // Fields may have the names of keywords.
      if (key === "properties" && isSchema(value))
        return [
          [key, Object.fromEntries(Object.entries(value).map(([name, one]) => [name, bare(one)]))],
        ];
      return [[key, bare(value)]];
    }),
  );
}

function bare(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(bare);
  return isSchema(value) ? withoutWords(value) : value;
}
