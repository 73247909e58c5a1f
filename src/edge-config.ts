import { z } from "zod";
import { webAddresses, wholeNumber } from "./config-values.ts";

/** The variables of the edge. */
export const edgeVariables = {
  EDGE_PURGE: z
    .enum(["varnish", "cloudflare", "fastly"], { error: "varnish, cloudflare or fastly" })
    .optional(),
  EDGE_PURGE_URLS: webAddresses,
  EDGE_PURGE_ID: z
    .string()
    .regex(/^[\w-]+$/, { error: "the id of a Cloudflare zone or of a Fastly service" })
    .optional(),
  EDGE_PURGE_TOKEN: z.string().min(16, { error: "at least 16 characters" }).optional(),
  EDGE_PURGES_PER_MINUTE: wholeNumber(1, 100_000).optional(),
};

/** The edge that is told of writes; `id` is the zone's or the service's, empty for Varnish. */
export interface EdgePurgeConfig {
  readonly provider: "varnish" | "cloudflare" | "fastly";
  /** Every node of Varnish; of the others at most another address of their API. */
  readonly urls: readonly string[];
  readonly id: string;
  readonly token: string;
  /** The provider's limit where it is not the plan's that is known. */
  readonly perMinute: number | null;
}

/** The edge that is configured, null without one; the name of a variable that its provider needs and that is missing. */
export function edgePurgeOf(
  env: z.infer<z.ZodObject<typeof edgeVariables>>,
): EdgePurgeConfig | string | null {
  const { EDGE_PURGE: provider, EDGE_PURGE_URLS: urls, EDGE_PURGE_ID: id = "" } = env;
  const { EDGE_PURGE_TOKEN: token, EDGE_PURGES_PER_MINUTE: perMinute = null } = env;
  if (provider === undefined) return null;
  if (token === undefined) return "EDGE_PURGE_TOKEN";
  if (provider === "varnish" && urls.length === 0) return "EDGE_PURGE_URLS";
  if (provider !== "varnish" && id === "") return "EDGE_PURGE_ID";
  return { provider, urls: urls.map((url) => url.replace(/\/+$/, "")), id, token, perMinute };
}
