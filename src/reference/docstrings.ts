import { readFileSync } from "node:fs";

/** A procedure's docstring, taken apart by its headings. */
export interface Docstring {
  /** The first sentence. */
  readonly summary: string;
  /** Everything before the headings. */
  readonly description: string;
  readonly units: string | null;
  readonly errors: string | null;
  readonly source: string | null;
}

const HEADING = /^(Units|Errors|Source): /;

/** Reads the docstrings in the source of a feature's router, by the procedure's name. */
export function readDocstrings(feature: string): ReadonlyMap<string, Docstring> {
  const source = readFileSync(routerFile(feature), "utf8");
  const found = source.matchAll(
    /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*(\w+): (?:public|user|admin)Procedure/g,
  );
  return new Map(Array.from(found, ([, text = "", name = ""]) => [name, parseDocstring(text)]));
}

/** The file of a feature's router: `appConfig` is in `app-config`. */
export function routerFile(feature: string): URL {
  const folder = feature.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return new URL(`../features/${folder}/router.ts`, import.meta.url);
}

/** Takes the text between the marks of a docstring apart. */
export function parseDocstring(text: string): Docstring {
  const parts = new Map<string, string>();
  let heading = "description";
  for (const line of text.split("\n").map((one) => one.replace(/^\s*\* ?/, "").trim())) {
    const begun = HEADING.exec(line)?.[1];
    heading = begun ?? heading;
    const words = begun === undefined ? line : line.slice(begun.length + 2);
    parts.set(heading, `${parts.get(heading) ?? ""} ${words}`.trim());
  }
  const description = parts.get("description") ?? "";
  return {
    summary: /^.*?[.:](?= |$)/.exec(description)?.[0].replace(/:$/, ".") ?? description,
    description,
    units: parts.get("Units") ?? null,
    errors: parts.get("Errors") ?? null,
    source: parts.get("Source") ?? null,
  };
}
