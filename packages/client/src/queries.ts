import type { AppRouter, RouterInputs, RouterOutputs } from "./app-router.ts";
import type { NearbyStore, StoreMarker } from "./cells/cell-entry.ts";
import type { StoresAnswer } from "./cells/nearby.ts";
import type { HalalClient } from "./client.ts";
import type { AdditivesForCodes, BoycottTarget, Certifier, ListAnswer } from "./lists/lists.ts";
import type { StoreReading } from "./pages.ts";
import type { AdditiveReading, ProductReading, Source } from "./readings.ts";

type Procedures = AppRouter["_def"]["record"];

/** The queries among a feature's procedures. */
type QueryOf<Feature extends keyof Procedures> = {
  [Name in keyof Procedures[Feature]]: Procedures[Feature][Name] extends {
    readonly _def: { readonly type: "query" };
  }
    ? Name
    : never;
}[keyof Procedures[Feature]];

/** The options that `useQuery` of TanStack Query takes; it may be spread and added to. */
export interface QueryOptions<Output, Path extends string, Input> {
  readonly queryKey: readonly ["halal", Path, Input];
  readonly queryFn: (context: { readonly signal: AbortSignal }) => Promise<Output>;
  /** `always` where the device answers without a network; TanStack Query would else not even ask. */
  readonly networkMode: "always" | "online";
}

/** Procedures that the client answers offline as well, and what they give then. */
interface OfflineOutputs {
  readonly "product.byBarcode": ProductReading;
  readonly "additive.byCode": AdditiveReading;
  readonly "additive.forCodes": AdditivesForCodes & Source;
  readonly "certifier.list": ListAnswer<Certifier>;
  readonly "boycott.list": ListAnswer<BoycottTarget>;
  readonly "store.byId": StoreReading;
  readonly "store.nearby": StoresAnswer<NearbyStore>;
  readonly "store.markers": StoresAnswer<StoreMarker>;
}

type Output<Path extends string, Otherwise> = Path extends keyof OfflineOutputs
  ? OfflineOutputs[Path]
  : Otherwise;

type InputOf<Feature extends keyof RouterInputs, Name extends PropertyKey> =
  RouterInputs[Feature] extends Readonly<Record<Name, infer Input>> ? Input : never;
type OutputOf<Feature extends keyof RouterOutputs, Name extends PropertyKey> =
  RouterOutputs[Feature] extends Readonly<Record<Name, infer Output>> ? Output : never;

type MakeOptions<Path extends string, Input, Otherwise> = (
  ...input: undefined extends Input ? [input?: Input] : [input: Input]
) => QueryOptions<Output<Path, Otherwise>, Path, Input>;

/** A function for each query of the server: from its input to the options of `useQuery`. */
export type HalalQueries = {
  readonly [Feature in keyof RouterInputs]: {
    readonly [Name in QueryOf<Feature> as Name]: MakeOptions<
      `${Feature}.${Name & string}`,
      InputOf<Feature, Name>,
      OutputOf<Feature, Name>
    >;
  };
};

type Ask = (input: never, options: { readonly signal: AbortSignal }) => Promise<unknown>;

/**
 * Makes the options of TanStack Query for every query of the server, the offline answers of products, additives,
 * certifiers, boycott targets and lists of stores included: `useQuery(halalQueries(client).product.byBarcode({ barcode }))`.
 */
export function halalQueries(client: HalalClient): HalalQueries {
  const offline: Readonly<Record<keyof OfflineOutputs, Ask>> = {
    "product.byBarcode": client.products.byBarcode,
    "additive.byCode": client.additives.byCode,
    "additive.forCodes": client.additives.forCodes,
    "certifier.list": () => client.certifiers.list(),
    "boycott.list": () => client.boycotts.list(),
    "store.byId": (input, options) => client.stores.byId(input, options),
    "store.nearby": (input, options) => client.stores.nearby(input, options),
    "store.markers": (input, options) => client.stores.markers(input, options),
  };
  const optionsOf = (feature: string, name: string, input: unknown) => {
    const path = `${feature}.${name}`;
    const answersOffline = path in offline;
    const ask = answersOffline
      ? offline[path as keyof OfflineOutputs]
      : (procedureOf(client.trpc, feature, name) as Ask);
    return {
      queryKey: ["halal", path, input],
      queryFn: ({ signal }: { readonly signal: AbortSignal }) => ask(input as never, { signal }),
      networkMode: answersOffline ? "always" : "online",
    };
  };
  const features = new Proxy(
    {},
    {
      get: (_, feature) =>
        new Proxy(
          {},
          {
            get: (_, name) => (input?: unknown) => optionsOf(String(feature), String(name), input),
          },
        ),
    },
  );
  return features as HalalQueries;
}

function procedureOf(trpc: object, feature: string, name: string): unknown {
  const features = trpc as Readonly<Record<string, Readonly<Record<string, { query: unknown }>>>>;
  return features[feature]?.[name]?.query;
}
