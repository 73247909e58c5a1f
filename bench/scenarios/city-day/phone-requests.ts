import { batchPath, type Call } from "../hot-calls.ts";
import type { Phone } from "./phones.ts";

const HEADERS =
  "host: api.example.com\r\naccept: */*\r\naccept-language: en\r\nuser-agent: HalalApp/4.2 CFNetwork\r\n";

/** Writes the request of calls that travel together. */
export function requestOf(phone: Phone, calls: readonly Call[]): string {
  const [first] = calls;
  if (first !== undefined && WRITES.has(first.procedure))
    return post(phone, first.procedure, { 0: first.input });
  return getRequest(phone, batchPath(calls));
}

/**
 * Writes the library's GET of what is the same for everybody: without a token, compressed as by any phone's `fetch`, and
 * with the ETag of the answer that the phone has.
 */
export function sharedRequest({ address }: Phone, path: string, etag?: string): string {
  const known = etag === undefined ? "" : `if-none-match: ${etag}\r\n`;
  return `GET ${path} HTTP/1.1\r\n${headersOf({ token: null, address })}accept-encoding: gzip\r\n${known}\r\n`;
}

function getRequest(phone: Phone, path: string): string {
  return `GET ${path} HTTP/1.1\r\n${headersOf(phone)}\r\n`;
}

const WRITES: ReadonlySet<string> = new Set(["scans.record", "favorites.add", "favorites.remove"]);

/** Writes a phone's headers, with its address in the header of an edge in front of nginx. */
function headersOf({ token, address }: Pick<Phone, "token" | "address">): string {
  const authorization = token === null ? "" : `authorization: Bearer ${token}\r\n`;
  return `${HEADERS}x-forwarded-for: ${address}\r\n${authorization}`;
}

function post(phone: Phone, procedure: string, inputs: unknown): string {
  const body = JSON.stringify(inputs);
  return `POST /trpc/${procedure}?batch=1 HTTP/1.1\r\n${headersOf(phone)}content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
}
