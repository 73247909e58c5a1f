import type { DescribedProcedure } from "./describe.ts";

/** The file of the terms on which each procedure is called. */
export const TERMS_FILE = "test/contract/terms.json";

/** What a caller of a procedure relies on beside its schemas. */
export interface Terms {
  readonly kind: "query" | "mutation";
  readonly auth: DescribedProcedure["auth"];
  /** Units: calls of the rate limit. */
  readonly cost: number;
}

/** Adds the terms of new procedures to a file's; a line that is there stays, so that only a person changes it. */
export function withNewTerms(text: string, procedures: readonly DescribedProcedure[]): string {
  const terms = new Map(Object.entries(JSON.parse(text) as Readonly<Record<string, Terms>>));
  for (const { path, isMutation, auth, cost } of procedures)
    if (!terms.has(path)) terms.set(path, { kind: isMutation ? "mutation" : "query", auth, cost });
  const lines = Array.from(
    terms,
    ([path, { kind, auth, cost }]) =>
      `  "${path}": { "kind": "${kind}", "auth": "${auth}", "cost": ${cost} }`,
  );
  return `{\n${lines.join(",\n")}\n}\n`;
}
