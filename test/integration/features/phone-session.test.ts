import { afterAll, beforeAll, expect, it } from "vitest";
import { playPhoneSession } from "../../support/phone-session.ts";
import { openStack, type Stack } from "../../support/stack.ts";

let stack: Stack;

beforeAll(async () => {
  stack = await openStack();
});

afterAll(() => stack.close());

it("gives a phone the same answers on every stack", async () => {
  const transcript = await playPhoneSession(stack, "en");
  // One file for both stacks. It follows the demo data: after a change there, `npx vitest run -u` writes it anew.
  await expect(`${JSON.stringify(transcript, null, 2)}\n`).toMatchFileSnapshot(
    "../../support/phone-session.transcript.txt",
  );
});
