import { z } from "zod";
import { ERROR_REASONS } from "../error-reasons.ts";
import { openEnum } from "../trpc/open-enum.ts";
import { ADDRESSES_INTRODUCTION, type DescribedAddress, describeAddresses } from "./addresses.ts";
import type { DescribedProcedure, JsonSchema } from "./describe.ts";
import { DESCRIBED_REASONS } from "./errors-described.ts";
import { PREFACE } from "./preface.ts";

/** A document of OpenAPI 3.1. */
export type OpenApi = Readonly<Record<string, unknown>>;

const REASON_LINES = Object.entries(DESCRIBED_REASONS).map(
  ([reason, { httpStatus, meaning }]) => `- \`${reason}\` (${httpStatus}): ${meaning}`,
);

const TRPC_ERROR = z.object({
  error: z.object({
    message: z.string().meta({ description: "For people." }),
    code: z.int().meta({ description: "tRPC's JSON-RPC 2.0 code." }),
    data: z.object({
      code: z.string().meta({ description: "tRPC's code, such as BAD_REQUEST." }),
      reason: openEnum(ERROR_REASONS).meta({
        description: ["For programs. A later version may add reasons.", ...REASON_LINES].join("\n"),
      }),
      httpStatus: z.int(),
      path: z.string().optional().meta({ description: "The procedure." }),
      requestId: z.string().meta({ description: "As in the header x-request-id." }),
      retryAfterSeconds: z
        .number()
        .optional()
        .meta({ description: "As the header Retry-After; with 429 and most 503." }),
      issues: z
        .array(z.object({ path: z.string(), code: z.string(), message: z.string() }))
        .optional()
        .meta({
          description:
            "The faults of the input by field; `path` is empty for the input as a whole.",
        }),
    }),
  }),
});

/** Sentences that say who may call a procedure. */
export const CALLERS = {
  public: "Everybody may call it.",
  user: "It needs a user's token.",
  admin: "It needs an administrator's token.",
} as const;

/** Writes the procedures down as OpenAPI 3.1: the true addresses under `/trpc/`. Source: OpenAPI 3.1.1. */
export function openApiOf(procedures: readonly DescribedProcedure[], version: string): OpenApi {
  const { $schema: _, ...trpcError } = z.toJSONSchema(TRPC_ERROR);
  return {
    openapi: "3.1.0",
    info: {
      title: "Halal backend",
      version,
      description: PREFACE.join("\n\n"),
    },
    servers: [{ url: "/" }],
    tags: [...new Set(procedures.map(featureOf))].map((name) => ({ name })),
    paths: Object.fromEntries([
      ...procedures.map((procedure) => [
        `/trpc/${procedure.path}`,
        { [procedure.isMutation ? "post" : "get"]: operationOf(procedure) },
      ]),
      ...describeAddresses(procedures).map((one) => [one.address, { get: bareOperationOf(one) }]),
    ]),
    components: {
      schemas: { Error: trpcError },
      responses: {
        Error: {
          description: "A tRPC error.",
          content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } },
        },
      },
      securitySchemes: { token: { type: "http", scheme: "bearer", bearerFormat: "JWT" } },
    },
  };
}

function featureOf({ path }: DescribedProcedure): string {
  return path.split(".", 1)[0] ?? path;
}

function operationOf(procedure: DescribedProcedure): JsonSchema {
  const { path, isMutation, auth, cost, input, output, example, summary, deprecated } = procedure;
  const content =
    input === null ? null : { "application/json": { schema: input, example: example.input } };
  return {
    operationId: path,
    tags: [featureOf(procedure)],
    summary,
    description: describe(procedure),
    "x-auth": auth,
    "x-cost": cost,
    ...(example.take === undefined ? {} : { "x-take": example.take }),
    ...(deprecated === null ? {} : { deprecated: true, "x-deprecated": deprecated }),
    ...(auth === "public" ? {} : { security: [{ token: [] }] }),
    ...(content === null
      ? {}
      : isMutation
        ? { requestBody: { required: procedure.isInputNeeded, content } }
        : {
            parameters: [
              { name: "input", in: "query", required: procedure.isInputNeeded, content },
            ],
          }),
    responses: {
      200: {
        description: "The result in tRPC's envelope.",
        content: { "application/json": { schema: enveloped(output) } },
      },
      default: { $ref: "#/components/responses/Error" },
    },
  };
}

function bareOperationOf({ tag, output, ...described }: DescribedAddress): JsonSchema {
  const { operationId, summary, description, parameters } = described;
  return {
    operationId,
    tags: [tag],
    summary,
    description: `${description}\n\n${ADDRESSES_INTRODUCTION}`,
    "x-auth": "public",
    "x-cost": 1,
    ...(parameters.length === 0 ? {} : { parameters }),
    responses: {
      200: {
        description: "The data alone.",
        content: { "application/json": { schema: output } },
      },
      default: { $ref: "#/components/responses/Error" },
    },
  };
}

/** The sentence about a procedure that will go. */
export function deprecationOf({ deprecated }: DescribedProcedure): string | null {
  if (deprecated === null) return null;
  const { since, sunset, use } = deprecated;
  const instead = use === null ? "Nothing replaces it." : `Use ${use} instead.`;
  return `Deprecated since ${since}, and served until ${sunset}. ${instead}`;
}

function describe(procedure: DescribedProcedure): string {
  const { description, units, errors, source, auth, cost } = procedure;
  return [
    deprecationOf(procedure),
    description,
    `${CALLERS[auth]} A call counts ${cost} against the rate limit.`,
    units && `Units: ${units}`,
    errors && `Errors: ${errors}`,
    source && `Source: ${source}`,
  ]
    .filter(Boolean)
    .join("\n\n");
}

function enveloped(data: JsonSchema): JsonSchema {
  return {
    type: "object",
    required: ["result"],
    properties: { result: { type: "object", required: ["data"], properties: { data } } },
  };
}
