import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exchangeRaw, parseAnswers } from "../../support/raw-http.ts";
import { insertStores } from "../../support/store-rows.ts";
import { openStack, type Instance, type Stack } from "../../support/stack.ts";
import { bearer } from "../../support/tokens.ts";

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

interface TrpcError {
  readonly message: string;
  readonly code: number;
  readonly data: {
    readonly code: string;
    readonly httpStatus: number;
    readonly requestId: string;
    readonly path?: string;
  };
}

/** Sends a request whose answer must be one tRPC error, and returns the error. */
async function errorOf(path: string, init: RequestInit = {}): Promise<TrpcError> {
  const response = await fetch(`${instance.url}${path}`, init);
  const { error } = (await response.json()) as { error: TrpcError };
  expect(error.data.httpStatus).toBe(response.status);
  expect(error.data.requestId).toMatch(/^[0-9a-f-]{36}$/);
  expect(response.headers.get("x-request-id")).toBe(error.data.requestId);
  expect(response.headers.get("content-type")).toMatch(/^application\/json/);
  return error;
}

const nearbyPath = (input: string) => `/trpc/store.nearby?input=${encodeURIComponent(input)}`;
const nearbyWith = (more: object) => nearbyPath(JSON.stringify({ ...PARIS, ...more }));
const post = (body: string, headers: Record<string, string> = {}): RequestInit => ({
  method: "POST",
  headers: { "content-type": "application/json", ...headers },
  body,
});

describe("bad input gets a 4xx with the reason, and the server continues", () => {
  it.each([
    ["latitude 91", nearbyWith({ latitude: 91 }), /latitude: .*90/],
    ["latitude -90.1", nearbyWith({ latitude: -90.1 }), /latitude: .*-90/],
    ["longitude 181", nearbyWith({ longitude: 181 }), /longitude: .*180/],
    ["a latitude as text", nearbyWith({ latitude: "48" }), /latitude: .*number/],
    ["no position", nearbyPath("{}"), /latitude: .*; longitude: /],
    ["NaN", nearbyPath('{"latitude":NaN,"longitude":2}'), /JSON/],
    ["infinity", nearbyPath('{"latitude":1e999,"longitude":2}'), /latitude: /],
    ["radiusKm 0", nearbyWith({ radiusKm: 0 }), /radiusKm: .*0\.1/],
    ["radiusKm 51", nearbyWith({ radiusKm: 51 }), /radiusKm: .*50/],
    ["an unknown storeType", nearbyWith({ storeType: "casino" }), /storeType: .*"butcher"/],
    ["limit 101", nearbyWith({ limit: 101 }), /limit: .*100/],
    ["limit 1.5", nearbyWith({ limit: 1.5 }), /limit: .*int/],
    ["no input", "/trpc/store.nearby", /input: /],
    ["broken JSON", nearbyPath('{"latitude":'), /JSON/],
    ["broken percent-encoding", "/trpc/store.nearby?input=%7B%", /JSON|input/],
    ["a bad cursor", `/trpc/alerts.list?input=${encodeURIComponent('{"cursor":"x"}')}`, /cursor: /],
  ])("%s", async (_name, path, message) => {
    const error = await errorOf(path);
    expect(error.data).toMatchObject({
      code: expect.stringMatching(/^(BAD_REQUEST|PARSE_ERROR)$/),
    });
    expect(error.data.httpStatus).toBe(400);
    expect(error.message).toMatch(message);
    expect(error.message.length).toBeLessThan(500);
    expect((await fetch(`${instance.url}${nearbyWith({})}`)).status).toBe(200);
  });

  it("an unknown procedure is named in the error", async () => {
    const error = await errorOf("/trpc/store.burn");
    expect(error).toMatchObject({ code: -32004, data: { code: "NOT_FOUND", httpStatus: 404 } });
    expect(error.message).toContain("store.burn");
  });

  it("a batch of 31 calls is rejected, and one of 30 is answered", async () => {
    const batch = (calls: number) =>
      `/trpc/${Array.from({ length: calls }, () => "certifier.list").join(",")}?batch=1&input=%7B%7D`;
    expect(await errorOf(batch(31))).toMatchObject({
      message: "A batch may have 30 calls, and this one has 31.",
      code: -32600,
      data: { code: "BAD_REQUEST", reason: "batch_too_long", httpStatus: 400 },
    });
    const thirty = await fetch(`${instance.url}${batch(30)}`);
    expect(thirty.status).toBe(200);
    expect(await thirty.json()).toHaveLength(30);
  });

  it("a body over 64 KiB is rejected, with and without a Content-Length", async () => {
    const body = JSON.stringify({ scans: [{ id: "x", barcode: "1".repeat(65_536) }] });
    const authorization = await bearer();
    const error = await errorOf("/trpc/scans.recordMany", post(body, { authorization }));
    expect(error).toMatchObject({ data: { code: "PAYLOAD_TOO_LARGE", httpStatus: 413 } });
    expect(error.message).toContain("64 KiB");
    const [chunked] = parseAnswers(
      await exchangeRaw(
        instance.url,
        `POST /trpc/scans.recordMany HTTP/1.1\r\nhost: x\r\nauthorization: ${authorization}\r\n` +
          "content-type: application/json\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n" +
          `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
      ),
    );
    expect(chunked?.status).toBe(413);
  });

  it("a chunked body is accepted", async () => {
    const [answer] = parseAnswers(
      await exchangeRaw(
        instance.url,
        `POST /trpc/scans.recordMany HTTP/1.1\r\nhost: x\r\nauthorization: ${await bearer()}\r\n` +
          "content-type: application/json\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n" +
          '6\r\n{"scan\r\n6\r\ns":[]}\r\n0\r\n\r\n',
      ),
    );
    expect(answer?.body).toBe('{"result":{"data":{"outcomes":[]}}}');
  });

  it("a body of almost 64 KiB is accepted", async () => {
    const client = await instance.as({});
    const scans = Array.from({ length: 100 }, (_, i) => ({ id: `${i}`, barcode: "1".repeat(600) }));
    const { outcomes } = await client.scans.recordMany.mutate({ scans });
    expect(outcomes.every(({ ok }) => !ok)).toBe(true);
  });

  it("broken JSON in a body, and a body of another type, are rejected", async () => {
    const authorization = await bearer();
    const broken = await errorOf("/trpc/scans.remove", post('{"id":', { authorization }));
    expect(broken.data).toMatchObject({ httpStatus: 400 });
    const form = await errorOf(
      "/trpc/scans.remove",
      post("id=1", { authorization, "content-type": "text/plain" }),
    );
    expect(form.data).toMatchObject({ code: "UNSUPPORTED_MEDIA_TYPE", httpStatus: 415 });
  });

  it("a bad token is rejected on every call, also on public procedures", async () => {
    const init = { headers: { authorization: "Bearer x.y.z" } };
    const error = await errorOf("/trpc/certifier.list", init);
    expect(error.data).toMatchObject({ code: "UNAUTHORIZED", path: "certifier.list" });
    const path = "/trpc/certifier.list,scans.stats?batch=1&input=%7B%7D";
    const response = await fetch(`${instance.url}${path}`, init);
    expect(response.status).toBe(401);
    expect(await response.json()).toEqual(
      ["certifier.list", "scans.stats"].map((named) => ({
        error: {
          message: error.message,
          code: error.code,
          data: {
            code: "UNAUTHORIZED",
            httpStatus: 401,
            reason: "token_invalid",
            path: named,
            requestId: response.headers.get("x-request-id"),
          },
        },
      })),
    );
  });

  it("a stream is rejected for a request that is not a batch", async () => {
    const error = await errorOf("/trpc/certifier.list", {
      headers: { "trpc-accept": "application/jsonl" },
    });
    expect(error.data).toMatchObject({ code: "BAD_REQUEST" });
  });

  it("a mutation by GET is rejected", async () => {
    const authorization = await bearer();
    const input = encodeURIComponent(JSON.stringify({ id: crypto.randomUUID() }));
    const mutation = await errorOf(`/trpc/scans.remove?input=${input}`, {
      headers: { authorization },
    });
    expect(mutation.data).toMatchObject({ code: "METHOD_NOT_SUPPORTED", httpStatus: 405 });
  });
});
