import { z } from "zod";
import { MADHABS } from "../db/tables/vocabulary.ts";
import { AdditiveListOutput } from "../features/additive/schemas.ts";
import { NearbyStore } from "../features/store/schemas.ts";
import { LANGUAGES } from "../texts/language.ts";
import type { DescribedProcedure, JsonSchema } from "./describe.ts";

/** An answer that is the same for everybody, at an address of its own. */
export interface DescribedAddress {
  readonly address: string;
  readonly operationId: string;
  readonly tag: string;
  readonly summary: string;
  readonly description: string;
  readonly parameters: readonly AddressParameter[];
  readonly output: JsonSchema;
}

/** How an address differs from the procedure whose answer it gives. */
interface Terms {
  readonly operationId?: string;
  readonly terms?: string;
  readonly parameters?: readonly AddressParameter[];
}

interface AddressParameter {
  readonly name: string;
  readonly in: "path" | "query";
  readonly required: boolean;
  readonly description: string;
  readonly schema: JsonSchema;
}

/** The sentence that holds for all of them. */
export const ADDRESSES_INTRODUCTION =
  "GET, without tRPC's envelope, for everybody: no token is read, and any web page may ask. Answers have an `ETag` and may be kept by an edge, under the tags of `Cache-Tag`, `Surrogate-Key` and `xkey`; errors, answers to a request with `Authorization`, and those marked `x-cache: STALE` may not. Errors have tRPC's envelope. A call counts 1 against the limit of the address that it comes from.";

const CELL = z.object({
  version: z
    .literal(1)
    .meta({ description: "Of the shape; older phones cannot read another one." }),
  cell: z.string(),
  radiusKm: z.union([z.literal(5), z.literal(50)]),
  limit: z.int().meta({ description: "For how many stores without a filter the cell is exact." }),
  stores: z
    .array(
      NearbyStore.omit({ distance: true }).extend({
        stateUntil: z.iso
          .datetime()
          .nullable()
          .meta({ description: "Until when its opening state holds; null for ever." }),
        names: z
          .record(z.string(), z.string())
          .optional()
          .meta({ description: "In other languages, by BCP 47; missing without any." }),
      }),
    )
    .meta({ description: "Each that can be in an answer to a caller within the cell." }),
});

/** Describes the addresses; a list that a procedure gives, too, has that one's schema. */
export function describeAddresses(
  procedures: readonly DescribedProcedure[],
): readonly DescribedAddress[] {
  const likeProcedure = (
    address: string,
    asked: string,
    {
      operationId = address.slice(1).replaceAll("/", "."),
      terms = "",
      parameters = [],
    }: Terms = {},
  ): readonly DescribedAddress[] =>
    procedures
      .filter(({ path }) => path === asked)
      .map(({ path, description, output }) => ({
        address,
        operationId,
        tag: path.split(".", 1)[0] ?? path,
        summary: `The answer of ${path} without tRPC's envelope.`,
        description: `As \`${path}\`${terms}: ${description}`,
        parameters,
        output,
      }));
  return [
    {
      address: "/cells/{geohash}",
      operationId: "cells",
      tag: "store",
      summary: "The stores of a cell, from which a phone ranks exactly.",
      description:
        "Every store that can be in the answer of `store.nearby` or `store.markers` to a caller within the cell, who asks for at most 100 without a filter. Units: kilometres. Errors: BAD_REQUEST (no geohash of six characters, or another radius), SERVICE_UNAVAILABLE.",
      parameters: [
        parameter("geohash", "path", "Six characters: about 1.2 by 0.6 km.", { type: "string" }),
        parameter("radius", "query", "5 without.", { type: "string", enum: ["5", "50"] }),
      ],
      output: schemaOf(CELL),
    },
    ...likeProcedure("/stores/{id}", "store.byId", {
      operationId: "stores",
      terms: " in no language, with all names; an edge keeps it until the opening state changes",
      parameters: [parameter("id", "path", "The store's.", { type: "string", format: "uuid" })],
    }),
    ...likeProcedure("/products/{gtin}", "product.byBarcode", {
      operationId: "products",
      terms:
        "; an edge keeps it until a recall begins or ends, and not at all while nobody knows the barcode",
      parameters: [
        parameter("gtin", "path", "The barcode; best as 14 digits, for which an edge keeps it.", {
          type: "string",
        }),
        parameter("locale", "query", "en without.", { type: "string", enum: LANGUAGES }),
        parameter("madhab", "query", "The general rulings without.", {
          type: "string",
          enum: MADHABS,
        }),
      ],
    }),
    {
      address: "/lists/additives",
      operationId: "lists.additives",
      tag: "additive",
      summary: "All additives, or what has changed since an earlier answer.",
      description:
        "Each as `additive.byCode` gives it, explained in one language. With the `snapshot` of an earlier answer as `since`, only what has changed and the codes that were removed; all of them where the instance does not remember so far back (`isWhole`). Errors: BAD_REQUEST (another language, or no snapshot), SERVICE_UNAVAILABLE.",
      parameters: [
        parameter("locale", "query", "en without.", { type: "string", enum: LANGUAGES }),
        parameter("since", "query", "The `snapshot` of an earlier answer.", { type: "string" }),
      ],
      output: schemaOf(AdditiveListOutput),
    },
    ...likeProcedure("/lists/certifiers", "certifier.list"),
    ...likeProcedure("/lists/boycotts", "boycott.list"),
    ...likeProcedure("/app-config", "appConfig.get"),
  ];
}

function parameter(
  name: string,
  place: AddressParameter["in"],
  description: string,
  schema: JsonSchema,
): AddressParameter {
  return { name, in: place, required: place === "path", description, schema };
}

function schemaOf(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: "output" });
  return rest;
}
