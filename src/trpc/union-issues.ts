import type { z } from "zod";

type Issue = z.core.$ZodIssue;

/** The faults of an input; of a union of forms, those of the form that was meant, where that can be told. */
export function withoutUnions(issues: readonly Issue[]): readonly Issue[] {
  return issues.flatMap((issue) => {
    const meant = issue.code === "invalid_union" ? meantForm(issue.errors) : undefined;
    if (meant === undefined) return [issue];
    return withoutUnions(meant.map((one) => ({ ...one, path: [...issue.path, ...one.path] })));
  });
}

/** The form that the value resembles most; undefined when two forms are equally like it, or none is. */
function meantForm(forms: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const unlikeness = forms.map(unlikenessOf);
  const least = Math.min(...unlikeness);
  if (least === Infinity || unlikeness.filter((each) => each === least).length > 1)
    return undefined;
  return forms[unlikeness.indexOf(least)];
}

/** How many keys the value lacks, has beyond the form's, or has of another type; infinity for no value of such a type. */
function unlikenessOf(issues: readonly Issue[]): number {
  let unlike = 0;
  for (const issue of issues) {
    const { code, path } = issue;
    if (code === "unrecognized_keys" && path.length === 0) unlike += issue.keys.length;
    else if (code === "invalid_type" || code === "invalid_value") {
      if (path.length === 0) return Infinity;
      if (path.length === 1) unlike += 1;
    }
  }
  return unlike;
}
