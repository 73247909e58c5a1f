import { afterAll, beforeAll, expect, it } from "vitest";
import { EXAMPLES, type Example } from "../../../src/reference/examples.ts";
import { loadDemoData } from "../../../src/seed/demo/load.ts";
import { callOverHttp, PROCEDURES } from "../../support/procedures.ts";
import { openStack, type Instance, type Stack } from "../../support/stack.ts";
import { bearer } from "../../support/tokens.ts";

let stack: Stack;
let instance: Instance;

beforeAll(async () => {
  stack = await openStack();
  await loadDemoData(stack.sql, () => {});
  instance = await stack.startInstance();
});

afterAll(() => stack.close());

/** The input of an example, with the values that earlier answers gave. */
function inputOf({ input, take = {} }: Example, answers: ReadonlyMap<string, unknown>): unknown {
  const taken = Object.entries(take).map(([field, [procedure, ...keys]]) => {
    const answer = answers.get(String(procedure));
    const value = keys.reduce((at, key) => (at as Record<string | number, unknown>)[key], answer);
    const [name = "", place] = field.split(".");
    return [name, place === undefined ? value : [value]];
  });
  return taken.length === 0 ? input : { ...(input as object), ...Object.fromEntries(taken) };
}

// The server checks each answer against the procedure's own output schema.
it("every example succeeds on the demo data, in the order of the list", async () => {
  const id = "0b1e2d3c-4a59-4687-9788-a9bacbdcedfe";
  const user = await bearer({ id });
  const admin = await bearer({ id, isAdmin: true });
  const answers = new Map<string, unknown>();
  for (const [path, example] of Object.entries(EXAMPLES)) {
    const procedure = PROCEDURES.find((one) => one.path === path);
    if (procedure === undefined) throw new Error(`${path} is no procedure`);
    const token = procedure.auth === "admin" ? admin : user;
    const { status, text, data } = await callOverHttp(
      instance.url,
      procedure,
      inputOf(example, answers),
      procedure.auth === "public" && !path.startsWith("reports.") ? undefined : token,
    );
    expect([path, status, status === 200 ? "" : text]).toEqual([path, 200, ""]);
    answers.set(path, data);
  }
});
