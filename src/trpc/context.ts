import type { AnsweredPart } from "../cache/policy.ts";
import type { Cache } from "../cache/cache.ts";
import type { Db } from "../db/client/database.ts";
import type { Reads } from "../db/replicas/reads.ts";
import type { CallRecord } from "../observability/call-record.ts";
import type { AnalyseProduct } from "../verdict/off-thread-analysis.ts";
import type { Logger } from "pino";
import type { Languages } from "./languages.ts";

/** The caller, as the token says. */
export interface User {
  /** `sub` of the token. */
  readonly id: string;
  readonly isAdmin: boolean;
}

/** Begins to look a canonical GTIN-14 up, or not when it is no use now; tells whether that is under way. */
export type LookUp = (gtin14: string) => boolean;

/** Everything a procedure may use, created per request. */
export interface Context {
  readonly requestId: string;
  readonly user: User | null;
  /** The error of a token that was not accepted; null without one. */
  readonly tokenError: unknown;
  /** The primary: what is written, and read for writing. */
  readonly db: Db;
  /** The languages of the request, for names. */
  readonly languages: Languages;
  /** Everything else that is read. */
  readonly reads: Reads;
  readonly cache: Cache;
  readonly logger: Logger;
  readonly now: () => Date;
  /** Looks an unknown barcode up elsewhere, after the answer; null where nobody is asked. */
  readonly lookUp: LookUp | null;
  /** Reads and judges products; only for those who change them. */
  readonly analyse: AnalyseProduct;
  /** The cached answers of this request, in the order they were ready; `withCache` adds to them. */
  readonly answers: AnsweredPart[];
  /** Told of each call as it ends, and of the error that goes to the caller. */
  readonly onFinished: (call: CallRecord, thrown: Error | null) => void;
}
