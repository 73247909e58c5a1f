import { createTRPCClient, type TRPCClient } from "@trpc/client";
import type { AppRouter } from "./app-router.ts";
import { Cells } from "./cells/cells.ts";
import { canonical, Nearby } from "./cells/nearby.ts";
import { Favorites } from "./favorites.ts";
import type { FetchLike } from "./fetch.ts";
import { keepLink } from "./kept/keep-link.ts";
import { KeptAnswers } from "./kept/kept-answers.ts";
import { createLinks } from "./links.ts";
import { Lists } from "./lists/lists.ts";
import { Owner } from "./owner.ts";
import { Pages } from "./pages.ts";
import { favoritesLane } from "./queue/favorites-lane.ts";
import { ChangeQueue } from "./queue/queue.ts";
import { scansLane } from "./queue/scans-lane.ts";
import { Readings } from "./readings.ts";
import { Scans } from "./scans.ts";
import { memoryStorage } from "./storage/memory.ts";
import type { HalalStorage } from "./storage/storage.ts";
import { type GetToken, TokenSource } from "./token.ts";
import { uuidMaker } from "./uuid.ts";

/** The parts of a client; only `url` has no default. */
export interface HalalClientOptions {
  /** Of the server, without `/trpc`: `https://api.example.com`. */
  readonly url: string;
  /** By default nobody is signed in. */
  readonly getToken?: GetToken;
  /** By default memory, which ends with the process. */
  readonly storage?: HalalStorage;
  /** By default the global one. */
  readonly fetch?: FetchLike;
  /** By default the engine's; Hermes has none, `expo-crypto` has. */
  readonly randomUUID?: () => string;
  /** After how long a call without an answer fails. Units: milliseconds, 10,000 by default. */
  readonly timeoutMs?: number;
  /** How long the server is waited for before the device answers instead. Units: milliseconds, 4,000 by default. */
  readonly patienceMs?: number;
  /** A longer `Retry-After` fails the call at once. Units: seconds, 15 by default. */
  readonly retryAfterMaxSeconds?: number;
  /** The languages that names are wanted in, the preferred first. Units: BCP 47. */
  readonly languages?: readonly string[];
  /** For so long a cell or a list is used without asking the server whether it still holds. Units: seconds, 60 by default. */
  readonly cellFreshSeconds?: number;
  /** The clock. Units: Unix milliseconds. */
  readonly nowMs?: () => number;
}

/** A client of the halal backend, as a phone has it. */
export interface HalalClient {
  /** Every procedure, typed: `trpc.store.byId.query({ id })`. */
  readonly trpc: TRPCClient<AppRouter>;
  readonly scans: Pick<Scans, "record">;
  readonly favorites: Pick<Favorites, "set">;
  /** Tells what is known of a barcode, online or offline. */
  readonly products: { readonly byBarcode: Readings["productByBarcode"] };
  /** Tells what is known of an additive, or of all of them, online or offline. */
  readonly additives: {
    readonly byCode: Readings["additiveByCode"];
    readonly forCodes: Readings["additivesForCodes"];
    readonly list: Lists["additives"];
  };
  /** All certifiers, online or offline. */
  readonly certifiers: { readonly list: Lists["certifiers"] };
  /** All active boycott targets, online or offline. */
  readonly boycotts: { readonly list: Lists["boycotts"] };
  /** Stores around a position, ranked on the device where it has the cell, online or offline. */
  readonly stores: Pick<Nearby, "nearby" | "markers"> & {
    /** Everything known about a store, from the edge and the device, online or offline. */
    readonly byId: Pages["store"];
  };
  /** Changes that wait for the server; call `flush` when the network or the user is back. */
  readonly queue: Omit<ChangeQueue, "append" | "close">;
  /** Removes everything from the device, unsent changes too, as when an account is erased. */
  clear(): Promise<void>;
  /** Sends nothing more, and resolves when everything is kept that has arrived. */
  close(): Promise<void>;
}

/**
 * Makes a client: `createHalalClient({ url, getToken, storage, fetch })`. Changes that wait from before are sent at once.
 * Errors: Error where no random UUIDs can be made.
 */
export function createHalalClient(options: HalalClientOptions): HalalClient {
  const {
    getToken = () => null,
    storage = memoryStorage(),
    timeoutMs = 10_000,
    patienceMs = 4_000,
    retryAfterMaxSeconds = 15,
    cellFreshSeconds: freshSeconds = 60,
    nowMs = Date.now,
  } = options;
  const randomUUID = uuidMaker(options.randomUUID);
  const url = options.url.replace(/\/+$/, "");
  const fetch: FetchLike = options.fetch ?? ((...request) => globalThis.fetch(...request));
  const tokens = new TokenSource(getToken);
  const owner = new Owner(tokens, storage, patienceMs);
  const kept = new KeptAnswers(storage, nowMs);
  const keeping = new Set<Promise<void>>();
  const whileKeeping = (work: Promise<void>) => {
    const done = work.catch(() => {}).finally(() => keeping.delete(done));
    keeping.add(done);
  };
  const languages = canonical(options.languages ?? []);
  const network = { url, fetch, timeoutMs, nowMs };
  const links = createLinks({ ...network, tokens, languages, retryAfterMaxSeconds });
  const trpc = createTRPCClient<AppRouter>({ links: [keepLink(kept, whileKeeping), ...links] });
  const queue = new ChangeQueue({
    storage,
    lanes: [scansLane(trpc), favoritesLane(trpc)],
    owner: () => owner.current(),
    nowMs,
  });
  const waiting = async (of: string | null) => (await storage.waiting("scans", of, 2)).length;
  const lists = new Lists({ ...network, storage, freshSeconds, languages });
  const pages = new Pages({ ...network, storage, freshSeconds, languages, trpc, patienceMs });
  const common = {
    trpc,
    queue,
    storage,
    kept,
    owner,
    randomUUID,
    patienceMs,
    nowMs,
    waiting,
    lists,
    pages,
  };
  const readings = new Readings(common);
  const cells = new Cells({ ...network, storage, freshSeconds });
  const nearby = new Nearby({ trpc, cells, languages, nowMs });
  void queue.flush();
  return {
    trpc,
    scans: new Scans(common),
    favorites: new Favorites(common),
    products: { byBarcode: (input, read) => readings.productByBarcode(input, read) },
    additives: {
      byCode: (input, read) => readings.additiveByCode(input, read),
      forCodes: (input, read) => readings.additivesForCodes(input, read),
      list: () => lists.additives(),
    },
    certifiers: { list: () => lists.certifiers() },
    boycotts: { list: () => lists.boycotts() },
    stores: {
      nearby: (input, read) => nearby.nearby(input, read),
      markers: (input, read) => nearby.markers(input, read),
      byId: (input, read) => pages.store(input, read),
    },
    queue,
    clear: () => storage.clear(),
    async close() {
      queue.close();
      await Promise.all(keeping);
    },
  };
}
