import {
  createTRPCClient,
  httpBatchLink,
  httpBatchStreamLink,
  httpSubscriptionLink,
  splitLink,
} from "@trpc/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AppRouter } from "../../../src/trpc/router.ts";
import { exchangeRaw, parseAnswers } from "../../support/raw-http.ts";
import { insertStores } from "../../support/store-rows.ts";
import { openStack, type Instance, type Stack } from "../../support/stack.ts";

const PARIS = { latitude: 48.8566, longitude: 2.3522 };

let stack: Stack;
let instance: Instance;

beforeAll(async () => {
  stack = await openStack();
  await insertStores(
    stack.sql,
    Array.from({ length: 40 }, (_, i) => ({
      latitude: PARIS.latitude + i / 5_000,
      longitude: PARIS.longitude,
      name: `Shop ${i}`,
    })),
  );
  instance = await stack.startInstance();
});

afterAll(() => stack.close());

describe("malformed HTTP", () => {
  it.each([
    ["garbage", "\u0000\u0001\u0002\r\n\r\n", 400, /well-formed/],
    ["a URL of 40 KB", `GET /trpc/x?input=${"a".repeat(40_000)} HTTP/1.1\r\n`, 431, /32 KiB/],
    [
      "headers of 40 KB",
      `GET / HTTP/1.1\r\nhost: x\r\nx: ${"a".repeat(40_000)}\r\n`,
      431,
      /32 KiB/,
    ],
    ["no host", "GET /trpc/store.nearby HTTP/1.1\r\nconnection: close\r\n\r\n", 400, /host/],
    ["a bad host", "GET / HTTP/1.1\r\nhost: a/b c\r\nconnection: close\r\n\r\n", 400, /host/],
    [
      "a host that is an address out of range",
      "GET /trpc/store.burn HTTP/1.1\r\nhost: 1.2.3.999\r\nconnection: close\r\n\r\n",
      400,
      /host/,
    ],
    [
      "a host that is none",
      "GET /trpc/store.burn HTTP/1.1\r\nhost: x%zz[\r\nconnection: close\r\n\r\n",
      400,
      /host/,
    ],
    [
      "two lengths",
      "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n",
      400,
      /well-formed/,
    ],
    [
      "a bad chunk",
      "POST /trpc/scans.remove HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n" +
        "transfer-encoding: chunked\r\n\r\nzz\r\n",
      400,
      /well-formed|JSON/,
    ],
  ])("%s is refused with a tRPC error", async (_name, bytes, status, message) => {
    const [answer, ...others] = parseAnswers(await exchangeRaw(instance.url, bytes));
    expect(others).toEqual([]);
    expect(answer?.status).toBe(status);
    const { error } = JSON.parse(answer?.body ?? "") as {
      error: { message: string; data: { code: string; httpStatus: number; requestId: string } };
    };
    expect(error.message).toMatch(message);
    expect(error.data.httpStatus).toBe(status);
    expect(answer?.headers.get("x-request-id")).toBe(error.data.requestId);
  });

  it("is never answered in place of an earlier request of the same connection", async () => {
    const wire = await exchangeRaw(
      instance.url,
      `GET /trpc/certifier.list HTTP/1.1\r\nhost: x\r\n\r\n\u0000garbage\r\n\r\n`,
    );
    const answers = wire === "" ? [] : parseAnswers(wire);
    expect(answers.map(({ status }) => status)).not.toContain(undefined);
    expect([undefined, 200]).toContain(answers[0]?.status);
  });
});

describe("x-request-id", () => {
  it("is the caller's id if that is well-formed", async () => {
    const response = await fetch(`${instance.url}/trpc/certifier.list`, {
      headers: { "x-request-id": "phone-42:a.b_c" },
    });
    expect(response.headers.get("x-request-id")).toBe("phone-42:a.b_c");
  });

  it.each([["a b"], ["<script>"], ["x".repeat(65)], ['"}{'], ["é"], ["a;b"]])(
    "%s is replaced by an id of the server",
    async (given) => {
      const wire = await exchangeRaw(
        instance.url,
        Buffer.from(
          `GET /trpc/store.burn HTTP/1.1\r\nhost: x\r\nx-request-id: ${given}\r\nconnection: close\r\n\r\n`,
        ),
      );
      const [answer] = parseAnswers(wire);
      expect(answer?.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
      expect(answer?.body).not.toContain(given);
    },
  );
});

describe("@trpc/client, typed by AppRouter", () => {
  it("gets the same answers in single calls and in batches", async () => {
    const single = await instance.client.store.nearby.query({ ...PARIS, limit: 5 });
    const [batched, markers] = await Promise.all([
      instance.batchClient.store.nearby.query({ ...PARIS, limit: 5 }),
      instance.batchClient.store.markers.query({ ...PARIS, limit: 5 }),
    ]);
    expect(single.items).toHaveLength(5);
    expect(batched).toEqual(single);
    expect(markers.items.map(({ id, distance }) => [id, distance])).toEqual(
      single.items.map(({ id, distance }) => [id, distance]),
    );
  });

  it("works with httpSubscriptionLink beside other links", async () => {
    const url = `${instance.url}/trpc`;
    const client = createTRPCClient<AppRouter>({
      links: [
        splitLink({
          condition: ({ type }) => type === "subscription",
          true: httpSubscriptionLink({ url }),
          false: httpBatchLink({ url }),
        }),
      ],
    });
    expect(await client.certifier.list.query()).toEqual({ items: [] });
  });

  it("works with httpBatchStreamLink, whose answers arrive in chunks", async () => {
    const headers: Headers[] = [];
    const client = createTRPCClient<AppRouter>({
      links: [
        httpBatchStreamLink({
          url: `${instance.url}/trpc`,
          async fetch(input, init) {
            const response = await fetch(input, init as RequestInit);
            headers.push(response.headers);
            return response;
          },
        }),
      ],
    });
    const [nearby, certifiers] = await Promise.all([
      client.store.nearby.query(PARIS),
      client.certifier.list.query(),
    ]);
    expect(nearby).toEqual(await instance.client.store.nearby.query(PARIS));
    expect(certifiers).toEqual({ items: [] });
    expect(headers.map((one) => one.get("transfer-encoding"))).toEqual(["chunked"]);
    expect(headers[0]?.get("content-length")).toBeNull();
  });

  it("gets the error of one call in a batch beside the results of the others", async () => {
    const settled = await Promise.allSettled([
      instance.batchClient.store.byId.query({ id: crypto.randomUUID() }),
      instance.batchClient.certifier.list.query(),
    ]);
    expect(settled[0]).toMatchObject({
      status: "rejected",
      reason: { data: { code: "NOT_FOUND" } },
    });
    expect(settled[1]).toMatchObject({ status: "fulfilled" });
  });
});
