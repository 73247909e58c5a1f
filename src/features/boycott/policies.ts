import type { CachePolicy } from "../../cache/policy.ts";
import type { BoycottTarget } from "./schemas.ts";

/** The one entry of `boycott.list`. */
export const boycottPolicy: CachePolicy<null, readonly BoycottTarget[]> = {
  name: "boycott",
  shape: "boycott-1",
  freshSeconds: 3600,
  key: () => "boycott:active",
  isAffected: (event) => event.topic === "boycott",
  encode: (value) => Buffer.from(JSON.stringify(value)),
  decode: (payload) => JSON.parse(payload.toString()) as BoycottTarget[],
};
