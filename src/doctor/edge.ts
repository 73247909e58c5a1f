import type { Config } from "../config.ts";
import { openEdge } from "../edge/open-edge.ts";
import { fail, type Finding, ok } from "./finding.ts";

/** A tag under which nothing is kept. */
const NOBODYS_TAG = "doctor";

/** Checks that the edge takes purges: one for a tag that nothing has. Nothing to say without an edge. */
export async function examineEdge(config: Config): Promise<readonly Finding[]> {
  const provider = openEdge(config);
  if (provider === null) return [];
  const check = "edge";
  try {
    await provider.purge([NOBODYS_TAG]);
    return [ok(check, `${provider.name} takes purges`)];
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return [
      fail(
        check,
        `${provider.name} takes no purge, so it may show old answers for 5 min: ${message}`,
        "check EDGE_PURGE_URLS, EDGE_PURGE_ID and EDGE_PURGE_TOKEN, see docs/edge.md",
      ),
    ];
  }
}
