import type { z } from "zod";
import { schemaText, type Text, text } from "../texts/text.ts";

const TYPES = {
  string: text("type_string"),
  number: text("type_number"),
  int: text("type_int"),
  boolean: text("type_boolean"),
  array: text("type_array"),
  object: text("type_object"),
  record: text("type_object"),
  null: text("type_null"),
} as const;

const FORMS: Readonly<Record<string, Text>> = {
  datetime: text("form_datetime"),
  uuid: text("form_uuid"),
  guid: text("form_uuid"),
  url: text("form_url"),
};

/** Of values that are accepted, no more are listed. */
const VALUES_MAX = 20;

/** The text of a fault that a schema found, to be said in the caller's language. */
export function textOfIssue(issue: z.core.$ZodIssue): Text {
  return ownText(issue) ?? schemaText(issue.message) ?? textByCode(issue);
}

/** The text that a schema of ours gave with its issue: `params: { text: text("no_store") }`. */
function ownText(issue: z.core.$ZodIssue): Text | undefined {
  return issue.code === "custom" ? (issue.params?.["text"] as Text | undefined) : undefined;
}

function textByCode(issue: z.core.$ZodIssue): Text {
  switch (issue.code) {
    case "invalid_type": {
      const what = (TYPES as Readonly<Record<string, Text>>)[issue.expected];
      return what === undefined ? text("needs_other") : text("needs", { what });
    }
    case "too_big":
      return tooBig(issue);
    case "too_small":
      return tooSmall(issue);
    case "invalid_value": {
      const values = issue.values.slice(0, VALUES_MAX).map((one) => JSON.stringify(one));
      return text("one_of", { values: values.join(", ") });
    }
    case "invalid_format":
      return FORMS[issue.format] ?? text("form_other");
    case "unrecognized_keys":
      return text("unknown_key");
    case "invalid_union":
      return text("no_variant");
    case "custom":
    case "invalid_element":
    case "invalid_key":
    case "not_multiple_of":
  }
  return text("invalid");
}

const LENGTHS: ReadonlySet<string> = new Set(["array", "set", "map", "object", "record"]);

function tooBig({ origin, maximum: bound, inclusive }: z.core.$ZodIssueTooBig): Text {
  const maximum = String(bound);
  if (origin === "string") return text("characters_at_most", { maximum });
  if (LENGTHS.has(origin)) return text("items_at_most", { maximum });
  return inclusive === false
    ? text("number_below", { maximum })
    : text("number_at_most", { maximum });
}

function tooSmall({ origin, minimum: bound, inclusive }: z.core.$ZodIssueTooSmall): Text {
  const minimum = String(bound);
  if (origin === "string") return text("characters_at_least", { minimum });
  if (LENGTHS.has(origin)) return text("items_at_least", { minimum });
  return inclusive === false
    ? text("number_above", { minimum })
    : text("number_at_least", { minimum });
}
