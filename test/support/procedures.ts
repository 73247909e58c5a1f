import type { AnyProcedure } from "@trpc/server";
import type { z } from "zod";
import { exampleOf } from "../../src/reference/examples.ts";
import type { ProcedureMeta } from "../../src/trpc/procedures.ts";
import { createProcedureTable, type ProcedureTable } from "../../src/trpc/procedure-table.ts";
import { appRouter } from "../../src/trpc/router.ts";

/** A procedure of the router, as tests that walk all of them need it. */
export interface ListedProcedure {
  /** Such as `store.nearby`. */
  readonly path: string;
  readonly isMutation: boolean;
  readonly auth: NonNullable<ProcedureMeta["auth"]>;
  readonly input: z.ZodType;
  /** Whether a fast query answers it from the cache. */
  readonly isCached: boolean;
}

// At run time tRPC keeps the procedures flat, by path; its types keep the tree.
const flat = appRouter._def.procedures as unknown as Readonly<Record<string, AnyProcedure>>;

/** Every procedure there is. */
export const PROCEDURES: readonly ListedProcedure[] = Object.entries(flat).map(
  ([path, procedure]) => {
    const definition = procedure._def as unknown as {
      readonly type: string;
      readonly meta: ProcedureMeta;
      readonly inputs: readonly [z.ZodType];
    };
    return {
      path,
      isMutation: definition.type === "mutation",
      auth: definition.meta.auth ?? "public",
      input: definition.inputs[0],
      isCached: definition.meta.fast !== undefined,
    };
  },
);

/** The answer to a call over HTTP: `data`, or `error`. */
export interface CallAnswer {
  readonly status: number;
  readonly text: string;
  readonly data: unknown;
  readonly code: string | undefined;
}

/** Calls a procedure as tRPC's clients do; `undefined` sends no input. */
export async function callOverHttp(
  url: string,
  { path, isMutation }: Pick<ListedProcedure, "path" | "isMutation">,
  input: unknown,
  authorization?: string,
): Promise<CallAnswer> {
  const text = input === undefined ? undefined : JSON.stringify(input);
  const headers = {
    "content-type": "application/json",
    ...(authorization === undefined ? {} : { authorization }),
  };
  const response = isMutation
    ? await fetch(`${url}/trpc/${path}`, { method: "POST", headers, body: text ?? "" })
    : await fetch(
        `${url}/trpc/${path}${text === undefined ? "" : `?input=${encodeURIComponent(text)}`}`,
        { headers },
      );
  const body = await response.text();
  const { result, error } = JSON.parse(body) as {
    readonly result?: { readonly data: unknown };
    readonly error?: { readonly data: { readonly code: string } };
  };
  return { status: response.status, text: body, data: result?.data, code: error?.data.code };
}

/**
 * The input of the reference's example of a procedure, for a test that has none of its own; `answerTo` gives the answers
 * from which it takes values. Errors: Error for a procedure without an example.
 */
export async function exampleInput(
  { path, input }: Pick<ListedProcedure, "path" | "input">,
  answerTo: (path: string) => Promise<unknown>,
): Promise<unknown> {
  const example = exampleOf(path, input);
  if (example === null) throw new Error(`${path} has no example`);
  const taken: Record<string, unknown> = {};
  for (const [field, [from, ...keys]] of Object.entries(example.take ?? {})) {
    const answer = await answerTo(String(from));
    const value = keys.reduce((at, key) => (at as Record<string | number, unknown>)[key], answer);
    const [name = "", place] = field.split(".");
    taken[name] = place === undefined ? value : [value];
  }
  return example.take === undefined ? example.input : { ...(example.input as object), ...taken };
}

/** Makes inputs of examples by calling the procedures from whose answers they take values. */
export function exampleInputs(
  url: string,
  tokens: Readonly<Record<ListedProcedure["auth"], string | undefined>>,
): (procedure: Pick<ListedProcedure, "path" | "input">) => Promise<unknown> {
  const answerTo = async (path: string) => {
    const procedure = procedureAt(path);
    const { data } = await callOverHttp(
      url,
      procedure,
      await inputOf(procedure),
      tokens[procedure.auth],
    );
    return data;
  };
  const inputOf = (procedure: Pick<ListedProcedure, "path" | "input">) =>
    exampleInput(procedure, answerTo);
  return inputOf;
}

/** Errors: Error for a path without a procedure. */
export function procedureAt(path: string): ListedProcedure {
  const procedure = PROCEDURES.find((one) => one.path === path);
  if (procedure === undefined) throw new Error(`${path} is no procedure`);
  return procedure;
}

/** The table of a server that answers every call by its procedure, for comparison with fast queries. */
export const WITHOUT_FAST_QUERIES: ProcedureTable = new Map(
  [...createProcedureTable(appRouter)].map(([path, facts]) => [path, { ...facts, fast: null }]),
);
