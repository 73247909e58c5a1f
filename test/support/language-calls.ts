import type { ErrorData } from "../../src/trpc/error-data.ts";

/** The path of a query, from `/trpc/` on. */
export const get = (procedure: string, input: unknown) =>
  `${procedure}?input=${encodeURIComponent(JSON.stringify(input))}`;
/** The options of a mutation. */
export const post = (input: unknown, headers: Record<string, string> = {}): RequestInit => ({
  method: "POST",
  headers: { "content-type": "application/json", ...headers },
  body: JSON.stringify(input),
});

/** Calls an instance as a client with an `Accept-Language` header does; no header counts as `*`. */
export async function askIn(
  { url }: { readonly url: string },
  path: string,
  acceptLanguage?: string,
  init: RequestInit = {},
) {
  const headers = new Headers(init.headers);
  // undici's own default is the same.
  headers.set("accept-language", acceptLanguage ?? "*");
  const response = await fetch(`${url}/trpc/${path}`, { ...init, headers });
  return {
    status: response.status,
    language: response.headers.get("content-language"),
    vary: response.headers.get("vary") ?? "",
    etag: response.headers.get("etag"),
    text: await response.text(),
  };
}

interface ErrorBody {
  readonly message: string;
  readonly data: ErrorData;
}

/** The error in a body. */
export const errorIn = (text: string) => (JSON.parse(text) as { error: ErrorBody }).error;
