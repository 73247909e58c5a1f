import { readFile } from "node:fs/promises";
import { Hono } from "hono";
import { compress } from "hono/compress";
import { PUBLIC_CACHE_CONTROL } from "./headers.ts";

/** Everything from this server, and nothing from another. Source: Content Security Policy Level 3. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Each address, the file that answers it, and its media type. */
const FILES = [
  ["/docs", "./reference-page/index.html", "text/html; charset=utf-8"],
  ["/docs/page.js", "./reference-page/page.js", "text/javascript; charset=utf-8"],
  ["/docs/page.css", "./reference-page/page.css", "text/css; charset=utf-8"],
  ["/openapi.json", "../../openapi.json", "application/json"],
] as const;

/** The reference of the procedures: the page at `/docs`, and `/openapi.json`. */
export function referenceRoutes(): Hono {
  const routes = new Hono();
  for (const [path, file, type] of FILES) {
    let text: Promise<string> | undefined;
    routes.get(path, compress(), async (c) => {
      // Read once, by the first who asks: phones never do.
      text ??= readFile(new URL(file, import.meta.url), "utf8");
      return c.body(await text, 200, {
        "content-type": type,
        "cache-control": PUBLIC_CACHE_CONTROL,
        "content-security-policy": POLICY,
      });
    });
  }
  return routes;
}
