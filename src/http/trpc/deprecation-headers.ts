import type { Deprecation } from "../../trpc/deprecation.ts";
import type { ProcedureFacts } from "../../trpc/procedure-table.ts";
import type { ParsedRequest } from "./calls.ts";

const NONE: readonly string[] = [];

/**
 * Names and values of the headers of an answer with deprecated calls: the earliest of their days, and a link to each.
 * Source: RFC 9745 (`Deprecation`), RFC 8594 (`Sunset`), RFC 8288 (`Link`).
 */
export function deprecationHeaders({ calls }: Pick<ParsedRequest, "calls">): readonly string[] {
  // Nearly no request has one, and every answer passes here.
  if (!calls.some(({ procedure }) => isDeprecated(procedure))) return NONE;
  const deprecated = new Map<string, Deprecation>();
  for (const { path, procedure } of calls)
    if (isDeprecated(procedure)) deprecated.set(path, procedure.deprecated);
  const all = [...deprecated.values()];
  const sinceMs = Math.min(...all.map(({ since }) => Date.parse(since)));
  const sunsetMs = Math.min(...all.map(({ sunset }) => Date.parse(sunset)));
  const links = [...deprecated.keys()].map(
    (path) => `</docs#${path}>; rel="deprecation"; type="text/html"`,
  );
  return [
    "deprecation",
    `@${sinceMs / 1_000}`,
    "sunset",
    new Date(sunsetMs).toUTCString(),
    "link",
    links.join(", "),
  ];
}

function isDeprecated(
  procedure: ProcedureFacts | null,
): procedure is ProcedureFacts & { readonly deprecated: Deprecation } {
  return procedure !== null && procedure.deprecated !== null;
}
