import { afterAll, beforeAll, expect, it } from "vitest";
import { EXAMPLES } from "../../../src/reference/examples.ts";
import { loadDemoData } from "../../../src/seed/demo/load.ts";
import { callOverHttp, exampleInput, procedureAt, PROCEDURES } from "../../support/procedures.ts";
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

// The server checks each answer against the procedure's own output schema.
it("every example succeeds on the demo data, in the order of the list, then of the router", async () => {
  const id = "0b1e2d3c-4a59-4687-9788-a9bacbdcedfe";
  const user = await bearer({ id });
  const admin = await bearer({ id, isAdmin: true });
  const answers = new Map<string, unknown>();
  const paths = new Set([...Object.keys(EXAMPLES), ...PROCEDURES.map(({ path }) => path)]);
  for (const path of paths) {
    const procedure = procedureAt(path);
    const token = procedure.auth === "admin" ? admin : user;
    const { status, text, data } = await callOverHttp(
      instance.url,
      procedure,
      await exampleInput(procedure, (from) => Promise.resolve(answers.get(from))),
      procedure.auth === "public" && !path.startsWith("reports.") ? undefined : token,
    );
    expect([path, status, status === 200 ? "" : text]).toEqual([path, 200, ""]);
    answers.set(path, data);
  }
});
