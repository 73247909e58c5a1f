import { readFileSync, writeFileSync } from "node:fs";

/** A feature among those of the router, as the compiler writes it. */
const FEATURE = /^ {4}(\w+): import\("@trpc\/server"\)\.TRPCBuiltRouter</;
/** A procedure of a feature. */
const PROCEDURE = /^( {8})(\w+): import\("@trpc\/server"\)\.TRPC(?:Query|Mutation)Procedure</;
/** A documented procedure in a feature's own declaration. */
const DOCUMENTED =
  /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*(\w+): import\("@trpc\/server"\)\.TRPC(?:Query|Mutation)Procedure/g;
/** The shape of an error, which the compiler repeats for every procedure. */
const ERROR_SHAPE = /errorShape: (\{[\s\S]*?\n\s*\};\n\s*\});?\n/g;

/**
 * Makes the router's declaration one that a phone can use: no type of the server's inside, the shape of errors once, and
 * the procedures with their docstrings, which the compiler leaves at the features.
 * Errors: Error when the declaration is not as expected.
 */
export function rewriteRouterTypes(declarations: string): void {
  const file = `${declarations}/src/trpc/router.d.ts`;
  const text = readFileSync(file, "utf8");
  const shapes = new Set(Array.from(text.matchAll(ERROR_SHAPE), ([, shape = ""]) => plain(shape)));
  const [shape] = shapes;
  if (shape === undefined || shapes.size > 1)
    throw new Error(`${file}: ${shapes.size} shapes of errors, not one`);
  const short = text
    .replace(ERROR_SHAPE, "errorShape: HalalErrorShape;\n")
    .replace(/import\("\.\/context\.ts"\)\.Context/g, "object")
    .replace(/import\("\.\/procedures\.ts"\)\.ProcedureMeta/g, "object");
  const lines = withDocstrings(short.split("\n"), declarations);
  writeFileSync(
    file,
    `/** How the server describes an error: \`data\` of a \`TRPCClientError\`. */\nexport type HalalErrorShape = ${shape};\n${lines.join("\n")}`,
  );
}

/** A type without line breaks, because its indentation differs from place to place. */
function plain(type: string): string {
  return type.replace(/\s+/g, " ");
}

function withDocstrings(lines: readonly string[], declarations: string): string[] {
  let docstrings: ReadonlyMap<string, string> = new Map();
  let missing = 0;
  const result: string[] = [];
  for (const line of lines) {
    const [, feature] = FEATURE.exec(line) ?? [];
    if (feature !== undefined) docstrings = docstringsOf(feature, declarations);
    const [, indent = "", procedure] = PROCEDURE.exec(line) ?? [];
    const docstring = procedure === undefined ? undefined : docstrings.get(procedure);
    if (docstring !== undefined) result.push(...docstring.split("\n").map((one) => indent + one));
    else if (procedure !== undefined) missing += 1;
    result.push(line);
  }
  if (missing > 0) throw new Error(`${missing} procedures have no docstring`);
  return result;
}

function docstringsOf(feature: string, declarations: string): ReadonlyMap<string, string> {
  // Folders are in kebab case: `appConfig` is in `app-config`.
  const folder = feature.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const file = `${declarations}/src/features/${folder}/router.d.ts`;
  const found = readFileSync(file, "utf8").matchAll(DOCUMENTED);
  return new Map(
    Array.from(found, ([, text = "", name = ""]) => {
      const lines = text.split("\n").map((line) => line.trim());
      return [name, ["/**", ...lines.filter((line) => line !== "").map(star), " */"].join("\n")];
    }),
  );
}

function star(line: string): string {
  return ` ${line.startsWith("*") ? line : `* ${line}`}`;
}
