import type { JsonSchema } from "../describe.ts";
import type { OpenApi } from "../openapi.ts";
import { type ContractChange, type Direction, schemaChanges } from "./schema-changes.ts";
import { isSchema } from "./variants.ts";

/** Callers, the widest circle first. */
const CALLERS = ["public", "user", "admin"];
/** The input of an operation that takes none. */
const NO_INPUT = { type: "object", properties: {}, additionalProperties: false };

interface Operation {
  /** The method and the address. */
  readonly key: string;
  readonly name: string;
  readonly auth: string;
  readonly cost: number;
  /** Until when it is served at least; null while it is not deprecated. Units: ISO 8601 date. */
  readonly sunset: string | null;
  readonly isInputNeeded: boolean;
  readonly input: JsonSchema;
  readonly output: JsonSchema;
}

/**
 * Lists what an app that was written against one contract may not survive in another: a pure comparison of two OpenAPI
 * documents as `npm run reference` writes them. A procedure whose sunset is over may go. Units: `today` in ISO 8601.
 */
export function contractChanges(
  before: OpenApi,
  after: OpenApi,
  today: string,
): readonly ContractChange[] {
  const current = new Map(operationsOf(after).map((operation) => [operation.key, operation]));
  return [
    ...operationsOf(before).flatMap((old) => {
      const now = current.get(old.key);
      if (now !== undefined) return operationChanges(old, now);
      return old.sunset !== null && old.sunset <= today ? [] : [{ at: old.name, what: "removed" }];
    }),
    ...schemaChanges({
      before: errorOf(before),
      after: errorOf(after),
      direction: "output",
      at: "errors",
    }),
  ];
}

function operationChanges(old: Operation, now: Operation): readonly ContractChange[] {
  const at = old.name;
  const part = (direction: Direction) =>
    schemaChanges({
      before: old[direction],
      after: now[direction],
      direction,
      at: `${at} ${direction}`,
    });
  const isTightened = CALLERS.indexOf(now.auth) > CALLERS.indexOf(old.auth);
  const isSooner = old.sunset !== null && now.sunset !== null && now.sunset < old.sunset;
  return [
    ...(isTightened ? [{ at, what: `callers ${old.auth} → ${now.auth}` }] : []),
    ...(now.cost > old.cost ? [{ at, what: `cost ${old.cost} → ${now.cost}` }] : []),
    ...(isSooner ? [{ at, what: `sunset ${old.sunset} → ${now.sunset}` }] : []),
    ...(now.isInputNeeded && !old.isInputNeeded ? [{ at: `${at} input`, what: "is needed" }] : []),
    ...part("input"),
    ...part("output"),
  ];
}

function operationsOf({ paths }: OpenApi): readonly Operation[] {
  return Object.entries(orEmpty(paths)).flatMap(([address, methods]) =>
    Object.entries(orEmpty(methods)).map(([method, value]) => {
      const operation = orEmpty(value);
      const { parameters, requestBody, responses } = operation;
      const [parameter] = Array.isArray(parameters) ? (parameters as unknown[]) : [];
      const given = orEmpty(requestBody ?? parameter);
      return {
        key: `${method} ${address}`,
        name: textOrNull(operation["operationId"]) ?? address,
        auth: textOrNull(operation["x-auth"]) ?? "public",
        cost: Number(operation["x-cost"] ?? 1),
        sunset: textOrNull(orEmpty(operation["x-deprecated"])["sunset"]),
        isInputNeeded: given["required"] === true,
        input: schemaIn(given) ?? NO_INPUT,
        output: schemaIn(orEmpty(orEmpty(responses)["200"])) ?? {},
      };
    }),
  );
}

/** The schema of the JSON in a parameter, a body or a response. */
function schemaIn({ content }: JsonSchema): JsonSchema | undefined {
  const { schema } = orEmpty(orEmpty(content)["application/json"]);
  return isSchema(schema) ? schema : undefined;
}

function errorOf({ components }: OpenApi): JsonSchema {
  return orEmpty(orEmpty(orEmpty(components)["schemas"])["Error"]);
}

function orEmpty(value: unknown): JsonSchema {
  return isSchema(value) ? value : {};
}

function textOrNull(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
