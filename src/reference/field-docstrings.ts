import { existsSync, readFileSync } from "node:fs";
import { routerFile } from "./docstrings.ts";

/** The docstrings of fields in the source, by their names. */
export type FieldDocstrings = ReadonlyMap<string, string>;

/** A constant of a module at its top level. */
interface Declaration {
  /** Empty without one. */
  readonly docstring: string;
  readonly text: string;
  readonly file: string;
}

const DECLARATION =
  /^(?:\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n)?(?:export )?const (\w+)\b([\s\S]*?)(?=^(?:\/\*\*|[a-z])|$(?![\s\S]))/gm;
const IMPORT = /^import (?:type )?\{([^}]*)\} from "(\.[^"]+)";/gm;
/** A field of an object with its docstring: `name: schema`, or `name` alone; `name: true` only picks a field. */
const FIELD =
  /(?:\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*)?(?<=[{,\s])(\w+)(?::\s+(?!true\b)(\w*)|(?=,?\s*\}|,\s))/g;
/** The line of a check: its names are no fields. */
const DESTRUCTURED = /\(\{[^{}]*\}\) =>[^\n]*/g;
/** A constant that makes schemas: its docstring is about the function. */
const FUNCTION = /^ =\s*(?:<[^=]*>)?\(/;

/** A constant that another module declares. */
interface Imported {
  readonly name: string;
  readonly from: string;
}
type Constants = ReadonlyMap<string, Declaration | Imported>;

const modules = new Map<string, Constants>();

/** The constants that a module declares or imports. */
function moduleOf(file: string): Constants {
  const known = modules.get(file);
  if (known !== undefined) return known;
  const source = existsSync(new URL(file)) ? readFileSync(new URL(file), "utf8") : "";
  const found = new Map<string, Declaration | Imported>();
  for (const [, names = "", from = ""] of source.matchAll(IMPORT))
    for (const name of names.split(",").map((one) => one.replace("type ", "").trim())) {
      const [own = "", alias = own] = name.split(" as ");
      found.set(alias, { name: own, from: new URL(from, file).href });
    }
  for (const [, docstring = "", name = "", text = ""] of source.matchAll(DECLARATION))
    found.set(name, {
      docstring: FUNCTION.test(text) ? "" : inOneLine(docstring),
      text: text.replaceAll(DESTRUCTURED, "() =>"),
      file,
    });
  modules.set(file, found);
  return found;
}

function inOneLine(docstring: string): string {
  return docstring
    .split("\n")
    .map((line) => line.replace(/^\s*\* ?/, "").trim())
    .join(" ")
    .trim();
}

function find(name: string, file: string): Declaration | null {
  const found = moduleOf(file).get(name);
  if (found === undefined || "text" in found) return found ?? null;
  const there = moduleOf(found.from).get(found.name);
  return there !== undefined && "text" in there ? there : null;
}

/** The declaration of a schema, and those that it is made of. */
function partsOf(name: string, file: string, seen = new Set<Declaration>()): Set<Declaration> {
  const declaration = find(name, file);
  if (declaration === null || seen.has(declaration)) return seen;
  seen.add(declaration);
  for (const [word] of withoutComments(declaration.text).matchAll(/\b\w+\b/g))
    partsOf(word, declaration.file, seen);
  return seen;
}

function withoutComments(text: string): string {
  return text.replace(/\/\*\*(?:(?!\*\/)[\s\S])*\*\//g, "");
}

/** Reads the docstrings of a schema's fields. A name that has several meanings in the schema is left out. */
function fieldDocstrings(name: string, file: string): FieldDocstrings {
  const docstrings = new Map<string, Set<string>>();
  for (const part of partsOf(name, file))
    for (const [, own = "", field = "", value = ""] of part.text.matchAll(FIELD)) {
      const docstring = inOneLine(own) || (find(value || field, part.file)?.docstring ?? "");
      docstrings.set(field, (docstrings.get(field) ?? new Set()).add(docstring));
    }
  const told = [...docstrings].flatMap(([field, [docstring = "", ...others]]) =>
    docstring === "" || others.length > 0 ? [] : [[field, docstring] as const],
  );
  return new Map(told);
}

/** Reads the docstrings of the fields of a procedure's input and output, from the source of its schemas. */
export function fieldDocstringsOf(
  feature: string,
  procedure: string,
): { readonly input: FieldDocstrings; readonly output: FieldDocstrings } {
  const file = routerFile(feature);
  const [, text = ""] =
    new RegExp(
      `^  ${procedure}: (?:public|user|admin)Procedure([\\s\\S]*?)(?=^  (?:/\\*\\*|\\w)|$(?![\\s\\S]))`,
      "m",
    ).exec(readFileSync(file, "utf8")) ?? [];
  const fieldsOf = (call: RegExp) => fieldDocstrings(call.exec(text)?.[1] ?? "", file.href);
  return { input: fieldsOf(/\.input\((\w+)\)/), output: fieldsOf(/\.output\((\w+)\)/) };
}
