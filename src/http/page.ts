import { createHash } from "node:crypto";

const STYLE =
  "body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem}code{background:#8882;padding:.1em .3em;border-radius:.2em}";

/** The content security policy of the page and of what stands beside it: nothing but the page's own style. */
export const PAGE_POLICY = `default-src 'none'; style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

/** The page at `/`: what this is, its state, and where to look. */
export function homePage(status: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Halal backend</title>
<style>${STYLE}</style></head>
<body>
<h1>Halal backend</h1>
<p>A tRPC backend for a halal-food app: shops near a position, E-numbers, barcodes, boycotts, recalls. It is for programs; people use the app.</p>
<p>State: <strong>${status}</strong></p>
<ul>
<li><a href="/trpc/store.nearby?input=%7B%22latitude%22%3A48.8566%2C%22longitude%22%3A2.3522%7D">shops near the middle of Paris</a></li>
<li><a href="/health/ready">state of each part</a>, <a href="/health/live">whether the process runs</a></li>
<li><a href="/metrics">figures for Prometheus</a></li>
</ul>
<p>Procedures answer at <code>/trpc/…</code> by <code>@trpc/client</code>; <a href="/docs">the reference</a> has each of them, with an example to run.</p>
</body>
</html>
`;
}
