import { Writable } from "node:stream";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { openStack, type Instance, type Stack } from "../../support/stack.ts";

let stack: Stack;
let instance: Instance;
const lines: string[] = [];
const UNKNOWN = "6f2c1a50-0000-4c39-9a53-1d6f0a1f1b11";

beforeAll(async () => {
  stack = await openStack();
  await stack.sql`insert into certifiers (id, name, country) values ('avs', 'AVS', 'FR')`;
  await stack.sql`insert into alerts (title, summary, severity, category) values ('A', 'B', 'info', 'c')`;
  const log = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString());
      done();
    },
  });
  instance = await stack.startInstance({ logger: pino(log) });
});

afterAll(() => stack.close());

interface Part {
  readonly result?: { readonly data: unknown };
  readonly error?: { readonly message: string; readonly data: { readonly code: string } };
}

async function askBatch(paths: readonly string[], inputs: object) {
  const input = encodeURIComponent(JSON.stringify(inputs));
  const response = await fetch(`${instance.url}/trpc/${paths.join()}?batch=1&input=${input}`);
  return { response, parts: (await response.json()) as Part[] };
}

describe("each call of a batch is resolved independently", () => {
  it("a call that fails does not run the others again", async () => {
    const read = vi.spyOn(instance.deps.reads, "readPublic");
    onTestFinished(() => read.mockRestore());
    const { response, parts } = await askBatch(["alerts.categories", "store.byId"], {
      1: { id: UNKNOWN },
    });
    expect(response.status).toBe(207);
    expect(parts[0]?.result?.data).toHaveProperty("items.length", 1);
    expect(parts[1]?.error?.data.code).toBe("NOT_FOUND");
    expect(read).toHaveBeenCalledTimes(1);
  });

  it("a cached answer that is NOT_FOUND is looked up once: the first answer is a MISS", async () => {
    const id = "6f2c1a50-0000-4c39-9a53-1d6f0a1f1b12";
    const { response } = await askBatch(["store.byId"], { 0: { id } });
    expect(response.status).toBe(404);
    expect(response.headers.get("x-cache")).toBe("MISS");
  });

  it("of two calls with the same input, one may fail and the other succeed", async () => {
    const read = vi.spyOn(instance.deps.reads, "readPublic");
    onTestFinished(() => read.mockRestore());
    read.mockRejectedValueOnce(new Error("one statement failed"));
    const { response, parts } = await askBatch(["alerts.categories", "alerts.categories"], {});
    expect(response.status).toBe(207);
    expect(parts.map(({ error }) => error?.data.code)).toEqual([
      "INTERNAL_SERVER_ERROR",
      undefined,
    ]);
    expect(read).toHaveBeenCalledTimes(2);
  });

  it("a call without a fast query does not prevent the fast queries of the others", async () => {
    await askBatch(["certifier.list"], {});
    const load = vi.spyOn(instance.deps.cache, "get");
    onTestFinished(() => load.mockRestore());
    const { response, parts } = await askBatch(["certifier.list", "alerts.byId"], {
      1: { id: UNKNOWN },
    });
    expect(response.status).toBe(207);
    expect(parts[0]?.result?.data).toHaveProperty("items.length", 1);
    // The hit came from `peek`, because no procedure has read the cache.
    expect(load).not.toHaveBeenCalled();
  });
});

it("an unexpected error of the endpoint is logged and answered with 500", async () => {
  lines.length = 0;
  const enter = vi.spyOn(instance.deps.shedder, "enter").mockImplementationOnce(() => {
    throw new Error("a fault of ours");
  });
  onTestFinished(() => enter.mockRestore());
  const response = await fetch(`${instance.url}/trpc/alerts.list`);
  expect(response.status).toBe(500);
  expect(await response.text()).not.toContain("a fault of ours");
  const logged = lines.filter((line) => line.includes("INTERNAL_SERVER_ERROR"));
  expect(logged).toHaveLength(1);
  expect(logged[0]).toContain("a fault of ours");
});

it("an unexpected error of a look-up in memory is logged and answered with 500", async () => {
  lines.length = 0;
  const peek = vi.spyOn(instance.deps.cache, "peek").mockImplementationOnce(() => {
    throw new Error("a fault of the memory");
  });
  onTestFinished(() => peek.mockRestore());
  const response = await fetch(`${instance.url}/trpc/certifier.list`);
  expect(response.status).toBe(500);
  expect(lines.filter((line) => line.includes("a fault of the memory"))).toHaveLength(1);
});
