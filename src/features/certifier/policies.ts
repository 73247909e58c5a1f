import type { CachedQuery } from "../../cache/policy.ts";
import { listCertifiers } from "./queries.ts";
import type { Certifier } from "./schemas.ts";

/** The one entry of `certifier.list`, from which `certifier.byId` answers, too. */
export const certifiersPolicy: CachedQuery<null, readonly Certifier[]> = {
  name: "certifiers",
  shape: "certifiers-1",
  key: () => "certifiers:list",
  isAffected: (event) => event.topic === "certifier",
  query: listCertifiers,
  encode: (value) => Buffer.from(JSON.stringify(value)),
  decode: (payload) => JSON.parse(payload.toString()) as Certifier[],
};
