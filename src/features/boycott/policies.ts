import type { CachedQuery } from "../../cache/policy.ts";
import { type ActiveTargets, listTargets } from "./queries.ts";

/** The one entry of `boycott.list`, by which `boycott.check` answers too. */
export const boycottPolicy: CachedQuery<null, ActiveTargets> = {
  name: "boycott",
  shape: "boycott-2",
  key: () => "boycott:active",
  isAffected: (event) => event.topic === "boycott",
  query: listTargets,
  encode: (value) => Buffer.from(JSON.stringify(value)),
  decode: (payload) => JSON.parse(payload.toString()) as ActiveTargets,
};
