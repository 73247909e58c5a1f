import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from "vitest";
import { callOverHttp, PROCEDURES } from "../../support/procedures.ts";
import { openStack, type Instance, type Stack } from "../../support/stack.ts";
import { bearer } from "../../support/tokens.ts";

let stack: Stack;
let instance: Instance;

beforeAll(async () => {
  stack = await openStack();
  instance = await stack.startInstance();
});

afterAll(() => stack.close());

const MUTATIONS = PROCEDURES.filter(({ auth, isMutation }) => auth === "admin" && isMutation);

it.each(MUTATIONS)(
  "the cache has read the journal when $path returns, even after a failure",
  async (one) => {
    const catchUp = vi.spyOn(instance.deps.cache, "catchUp");
    onTestFinished(() => catchUp.mockRestore());
    const token = await bearer({ isAdmin: true });
    const { status } = await callOverHttp(instance.url, one, { id: randomUUID() }, token);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(catchUp).toHaveBeenCalledTimes(1);
  },
);

it("a rejected caller without administrator rights causes no reading of the journal", async () => {
  const catchUp = vi.spyOn(instance.deps.cache, "catchUp");
  onTestFinished(() => catchUp.mockRestore());
  const token = await bearer({});
  for (const one of MUTATIONS)
    expect((await callOverHttp(instance.url, one, {}, token)).status).toBe(403);
  expect(catchUp).not.toHaveBeenCalled();
});
