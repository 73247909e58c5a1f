import type { CachedQuery } from "../../cache/policy.ts";
import { listTargets } from "./queries.ts";
import type { BoycottTarget } from "./schemas.ts";

/** The one entry of `boycott.list`. */
export const boycottPolicy: CachedQuery<null, readonly BoycottTarget[]> = {
  name: "boycott",
  shape: "boycott-1",
  key: () => "boycott:active",
  isAffected: (event) => event.topic === "boycott",
  query: listTargets,
  encode: (value) => Buffer.from(JSON.stringify(value)),
  decode: (payload) => JSON.parse(payload.toString()) as BoycottTarget[],
};
