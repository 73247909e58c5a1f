import { type AnyTRPCRouter } from "@trpc/server";
import { resolveResponse } from "@trpc/server/http";
import type { AnsweredPart } from "../../cache/policy.ts";
import { DEFAULT_LANGUAGE } from "../../texts/language.ts";
import { inLanguage, text } from "../../texts/text.ts";
import { failedBefore } from "../../observability/call-log.ts";
import { jsonBytes } from "../../trpc/result-bytes.ts";
import { cacheStateOf } from "../headers.ts";
import { BATCH_MAX } from "./calls.ts";
import { procedurePath } from "./request-parser.ts";
import { allowHeader, errorHeaders, type ResolveScope, type Unsent } from "./resolve.ts";

/** A web request of these methods cannot have a body, or cannot be made. Source: the Fetch standard, "Methods". */
const BODILESS_METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "TRACE", "TRACK", "CONNECT"]);

/** An answer for the writer, or a response of tRPC's own handler to be sent as it comes. */
export type TrpcAnswer = { readonly headers: string[] } & (
  | { readonly reply: Unsent }
  | { readonly stream: Response }
);

/**
 * Resolves a whole request by tRPC's own handler: streams, files, unusual methods, and what tRPC answers with one error
 * for all calls.
 */
export async function resolveByTrpc(
  scope: Omit<ResolveScope, "inputs">,
  web: Request,
  body: Buffer,
  isAnonymous: boolean,
): Promise<TrpcAnswer> {
  const { router, context, observer } = scope;
  const parts: AnsweredPart[] = [];
  const recorded = new WeakSet<Error>();
  let headers: string[] = [];
  let isStored = false;
  let lacksRequestId = false;
  const response = await resolveResponse<AnyTRPCRouter>({
    req: body.length === 0 || BODILESS_METHODS.has(web.method) ? web : withBody(web, body),
    path: procedurePath(new URL(web.url)),
    router,
    error: null,
    maxBatchSize: BATCH_MAX,
    allowMethodOverride: true,
    createContext: () =>
      Promise.resolve({
        ...context,
        answers: parts,
        onFinished: (record: Parameters<typeof observer.finished>[0], thrown: Error | null) => {
          if (thrown !== null) recorded.add(thrown);
          observer.finished(record);
        },
      }),
    responseMeta: ({ errors, paths }) => {
      const state = cacheStateOf(parts);
      isStored =
        isAnonymous && errors.length === 0 && parts.length === paths?.length && state !== "STALE";
      headers = ["x-cache", state, ...errorHeaders(errors)];
      return {};
    },
    onError: ({ error, ctx }) => {
      lacksRequestId ||= ctx === undefined;
      if (!recorded.has(error)) observer.finished(failedBefore(error, context.requestId));
    },
  });
  const isJson = response.headers.get("content-type")?.startsWith("application/json") === true;
  const isStream = !isJson || response.headers.has("transfer-encoding");
  if (isStream && !lacksRequestId) return { stream: response, headers };
  const answered = await response.text();
  const json = lacksRequestId ? withContext(answered, context) : answered;
  return {
    headers: [...headers, ...allowHeader(response.headers.get("allow"))],
    reply: {
      status: response.status,
      // The JSON of a batch is whole already.
      isBatch: false,
      results: [{ bytes: jsonBytes(json), isShared: false }],
      parts: isStored ? parts : null,
    },
  };
}

/** The server's light request cannot be given another body: this is one of Node's own. */
function withBody({ url, method, headers, signal }: Request, body: Buffer): Request {
  return new Request(url, { method, headers, signal, body: new Uint8Array(body) });
}

/** Adds the request's id and language to the error with which tRPC answers what fails before it makes a context. */
function withContext(
  json: string,
  { requestId, languages: { language } }: Pick<ResolveScope["context"], "requestId" | "languages">,
): string {
  const { error } = JSON.parse(json) as { error: { message: string; data: object } };
  // tRPC's own English says more.
  const message =
    language === DEFAULT_LANGUAGE ? error.message : inLanguage(text("malformed_request"), language);
  return JSON.stringify({ error: { ...error, message, data: { ...error.data, requestId } } });
}
