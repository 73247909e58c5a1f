import type { AnyProcedure } from "@trpc/server";
import type { ProcedureMeta } from "../../src/trpc/procedures.ts";
import { createProcedureTable, type ProcedureTable } from "../../src/trpc/procedure-table.ts";
import { appRouter } from "../../src/trpc/router.ts";

/** A procedure of the router, as tests that walk all of them need it. */
export interface ListedProcedure {
  /** Such as `store.nearby`. */
  readonly path: string;
  readonly isMutation: boolean;
  readonly auth: NonNullable<ProcedureMeta["auth"]>;
  /** The zod schema of its input. */
  readonly input: unknown;
}

// At run time tRPC keeps the procedures flat, by path; its types keep the tree.
const flat = appRouter._def.procedures as unknown as Readonly<Record<string, AnyProcedure>>;

/** Every procedure there is. */
export const PROCEDURES: readonly ListedProcedure[] = Object.entries(flat).map(
  ([path, procedure]) => {
    const definition = procedure._def as unknown as {
      readonly type: string;
      readonly meta: ProcedureMeta;
      readonly inputs: readonly unknown[];
    };
    return {
      path,
      isMutation: definition.type === "mutation",
      auth: definition.meta.auth ?? "public",
      input: definition.inputs[0],
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

/** The table of a server that answers every call by its procedure, for comparison with fast queries. */
export const WITHOUT_FAST_QUERIES: ProcedureTable = new Map(
  [...createProcedureTable(appRouter)].map(([path, facts]) => [path, { ...facts, fast: null }]),
);
