import { readFileSync } from "node:fs";
import { appRouter } from "../trpc/router.ts";
import { describeProcedures } from "./describe.ts";
import { markdownOf } from "./markdown.ts";
import { openApiOf } from "./openapi.ts";
import { TERMS_FILE, withNewTerms } from "./terms.ts";

/** A file of the reference: its path from the project's folder, and its content. */
export interface ReferenceFile {
  readonly file: string;
  readonly text: string;
}

/** Makes the files of the reference from the router, its docstrings and the examples. */
export function renderReference(): readonly ReferenceFile[] {
  const procedures = describeProcedures(appRouter);
  const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
  return [
    { file: "openapi.json", text: `${JSON.stringify(openApiOf(procedures, version))}\n` },
    { file: "docs/api.md", text: markdownOf(procedures) },
    { file: TERMS_FILE, text: withNewTerms(readFileSync(TERMS_FILE, "utf8"), procedures) },
  ];
}
