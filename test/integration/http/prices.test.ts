import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createProcedureTable } from "../../../src/trpc/procedure-table.ts";
import { appRouter } from "../../../src/trpc/router.ts";
import { exchangeRaw } from "../../support/raw-http.ts";
import { openStack, type Instance, type Stack } from "../../support/stack.ts";
import { bearer } from "../../support/tokens.ts";

const LIMIT = 1_000;
const COSTS = new Map([...createProcedureTable(appRouter)].map(([path, { cost }]) => [path, cost]));
const COSTLY = [...COSTS].flatMap(([path, cost]) => (cost > 1 ? [path] : []));

let stack: Stack;
let instance: Instance;

beforeAll(async () => {
  stack = await openStack();
  instance = await stack.startInstance({
    environment: {
      RATE_LIMIT_PER_MINUTE: String(LIMIT),
      TRUSTED_PROXY_HOPS: "1",
      LOG_LEVEL: "silent",
    },
  });
});

afterAll(() => stack.close());

const hex = (letter: string) => `%${letter.charCodeAt(0).toString(16)}`;

/** Forms of a procedure's address that tRPC, Hono or Node may accept. */
function spellings(path: string): string[] {
  const [feature = "", name = ""] = path.split(".");
  const paths = [
    path,
    ...[
      "/",
      "//",
      "///",
      "%2F",
      "%2f",
      "/%2F",
      "%2F/",
      "/.",
      "/./",
      "/x/..",
      "%20",
      "\t",
      "\\",
    ].map((end) => path + end),
    ...["/", "//", "./", "x/../", "../trpc/", "%2F", "%2e/", "%2E%2E/trpc/"].map(
      (start) => start + path,
    ),
    `${feature}%2E${name}`,
    `${feature}%2e${name}`,
    `${feature}%252e${name}`,
    `${feature}~${name}`,
    `${feature}/${name}`,
    `${feature}..${name}`,
    `${hex(path)}${path.slice(1)}`,
    Array.from(path, hex).join(""),
    path.toUpperCase(),
    `${path}%00`,
    `${path}#x`,
    `${path};x=y`,
  ];
  const batches = [
    path,
    `${path},${path}`,
    `${path},`,
    `,${path}`,
    `,${path},`,
    `${path}%2C${path}`,
    `${path}%2c`,
    `${path},${path}//`,
    `${path}//,${path}`,
    `${path}/,${path}/`,
    `certifier.list,${path},no.such`,
    `${path},${feature}%2E${name}`,
    Array.from({ length: 10 }, () => path).join(),
  ];
  const marks = ["batch=1", "batch=1&batch=0", "batch=%31", "%62atch=1", "&batch=1", "batch=1#x"];
  return [
    ...paths,
    ...paths.map((one) => `${one}?batch=1`),
    ...marks.flatMap((mark) => batches.map((one) => `${one}?${mark}`)),
    ...["batch=0", "batch=1?", "batch", "batch=01", "x=1&batch=1&input={}"].map(
      (query) => `${path}?${query}`,
    ),
  ].map((target) => `/trpc/${target}`);
}

/** Sends a request of a new anonymous caller; returns its counted cost and the resolved procedures. */
async function price(method: string, target: string, headers: string, address: string) {
  const wire = `${method} ${target} HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\nX-Forwarded-For: ${address}\r\n${headers}\r\n`;
  const text = await exchangeRaw(instance.url, Buffer.from(wire));
  const remaining = /^ratelimit-remaining: (\d+)/im.exec(text)?.[1];
  if (remaining === undefined) return null;
  // Every costly procedure fails here without a token, an input or the right method, and names its path.
  const errors = text.matchAll(/"code":"([A-Z_]+)","httpStatus":\d+,"path":"([^"]*)"/g);
  const resolved = [...errors].flatMap(([, code, path]) =>
    path === undefined || code === "NOT_FOUND" ? [] : [path],
  );
  return { counted: LIMIT - Number(remaining), resolved };
}

it.each(COSTLY)(
  "%s has its declared cost, for every form of its address",
  async (path) => {
    let resolvedAtAll = 0;
    const cheaper: unknown[] = [];
    let caller = 0;
    for (const method of ["GET", "POST"]) {
      for (const headers of [
        "",
        "Content-Type: application/json\r\nContent-Length: 0\r\n",
        "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 0\r\n",
        "Content-Type: application/octet-stream\r\nContent-Length: 0\r\n",
        "Origin: https://shop.example\r\n",
        "Accept: application/json, application/jsonl\r\n",
      ]) {
        const asked = spellings(path).map(async (target) => {
          caller += 1;
          const address = `10.${caller >> 16}.${(caller >> 8) & 255}.${caller & 255}`;
          return { target, seen: await price(method, target, headers, address) };
        });
        for (const { target, seen } of await Promise.all(asked)) {
          const { counted, resolved } = seen ?? { counted: 0, resolved: [] };
          resolvedAtAll += resolved.length;
          const due = resolved.reduce((sum, one) => sum + (COSTS.get(one) ?? 1), 0);
          if (counted < due) cheaper.push({ method, target, headers, counted, due });
        }
      }
    }
    expect(cheaper).toEqual([]);
    expect(resolvedAtAll).toBeGreaterThan(100);
  },
  120_000,
);

it.each(["", "/", "//"])(
  "an export counts as 20 calls with '%s' at the end of its address",
  async (end) => {
    const authorization = await bearer({ id: randomUUID() });
    const url = `${instance.url}/trpc/account.export${end}`;
    const { status, headers } = await fetch(url, { headers: { authorization } });
    expect(status).toBe(200);
    expect(headers.get("ratelimit-remaining")).toBe(String(LIMIT - 20));
  },
);
